import { expect, test } from 'vitest';
import { link, open, openLink, rowOf } from './stage';

test('A stop pressed in one browser is seen in another: first the wish, then the fact; and so is the start', async () => {
  const dam = await openLink('Diga');
  const [here, there] = await Promise.all([open('/connections'), open('/connections')]);
  const [mine, theirs] = [rowOf(here, dam), rowOf(there, dam)];
  await mine.getByText('Connected', { exact: true }).waitFor();
  await mine.locator('label', { hasText: 'On' }).click();
  const dialog = here.getByRole('dialog');
  expect(await dialog.innerText()).toMatch(/Stop Diga .*\?[\s\S]*\d+ devices can no longer be heard/);
  await dialog.getByRole('button', { name: 'Stop' }).click();

  await theirs.getByText(/applies in \d+ s|applying/).waitFor();
  await theirs.getByText('Off', { exact: true }).waitFor();
  await Promise.all([mine, theirs].map((row) => row.getByText('Not connected', { exact: true }).waitFor()));
  await Promise.all([mine, theirs].map((row) => row.getByText(/applies in|applying/).waitFor({ state: 'detached' })));

  await theirs.locator('label', { hasText: 'Off' }).click();
  await Promise.all([mine, theirs].map((row) => row.getByText('Connected', { exact: true }).waitFor()));
});

test('A wish can be taken back while it is not applied, and nothing happens', async () => {
  const dam = await openLink('Diga');
  const page = await open('/connections');
  const row = rowOf(page, dam);
  await row.getByText('Connected', { exact: true }).waitFor();
  await row.locator('label', { hasText: 'On' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Stop' }).click();
  await row.getByRole('button', { name: 'Undo' }).click();
  await row.getByText('On', { exact: true }).waitFor();
  await row.getByRole('button', { name: 'Undo' }).waitFor({ state: 'detached' });
  await expect.poll(() => link('Diga')).toMatchObject({ is_active: true, status: 'connected' });
});

test('Stop and start need no mouse', async () => {
  const bridge = await openLink('Ponte');
  const page = await open('/connections');
  const row = rowOf(page, bridge);
  await row.getByText('Connected', { exact: true }).waitFor();
  await row.getByRole('switch').focus();
  await page.keyboard.press('Space');
  await page.getByRole('dialog').getByRole('button', { name: 'Stop' }).waitFor();
  await page.keyboard.press('Enter'); // the dialog has put the focus there
  await row.getByText('Off', { exact: true }).waitFor(); // whoever presses before it says so asks for a stop again
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  expect(await link('Ponte')).toMatchObject({ is_active: false });
  await row.getByRole('switch').focus();
  await page.keyboard.press('Space');
  await expect.poll(() => link('Ponte')).toMatchObject({ is_active: true, status: 'connected' });
});
