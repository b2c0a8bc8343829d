import { MantineProvider } from '@mantine/core';
import { act, render, screen } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { type Column, DataTable } from './DataTable';

type Device = { id: number };

function show(rowAt: (index: number) => Device | undefined): (id: number) => number {
  const cell = vi.fn((device: Device) => `device ${device.id}`);
  const columns: Column<Device>[] = [{ id: 'name', header: 'Name', cell }];
  render(
    <MantineProvider env="test">
      <DataTable label="Devices" columns={columns} count={1000} rowAt={rowAt} rowId={({ id }) => id} card={cell} />
    </MantineProvider>,
  );
  return (id) => cell.mock.calls.filter(([device]) => device.id === id).length;
}

async function scrollTo(top: number): Promise<void> {
  await act(async () => {
    window.scrollTo(0, top);
    window.dispatchEvent(new Event('scroll'));
  });
}

test('a row that stays in sight is not drawn again when others come', async () => {
  const devices = Array.from({ length: 1000 }, (_, id) => ({ id }));
  const drawn = show((index) => devices[index]);
  expect(await screen.findByText('device 10')).toBeInTheDocument();
  await scrollTo(440);
  expect(await screen.findByText('device 30')).toBeInTheDocument();
  expect(drawn(10)).toBe(1);
});

test('rows that have not come say which they are, and as many as the window holds', async () => {
  show(() => undefined);
  await scrollTo(22_000);
  const numbers = screen.getAllByRole('row').map((row) => row.getAttribute('aria-rowindex'));
  expect(numbers).toContain('510');
  expect(new Set(numbers).size).toBe(numbers.length);
  expect(numbers.length).toBeLessThan(40);
});
