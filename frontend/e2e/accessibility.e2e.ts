import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type axeCore from 'axe-core';
import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { addresses, ROUTES } from './pages';
import { DESKTOP, open, PHONE, settled, stage } from './stage';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

declare global {
  interface Window {
    axe: typeof axeCore;
  }
}

async function faults(page: Page): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe);
  const found = await page.evaluate(() => window.axe.run({ resultTypes: ['violations'] }));
  return found.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${page.url()} ${id}: ${nodes.map((node) => node.target.join(' ')).join(' | ')}`);
}

let addressesOf: Awaited<ReturnType<typeof addresses>>;
beforeAll(async () => {
  addressesOf = await addresses();
});

test.concurrent.each(ROUTES)(
  '%s has no serious fault for axe in light, dark or on a phone, where it is not wider than the screen',
  async (route) => {
    const found: string[] = [];
    const page = await open('/');
    for (const path of addressesOf(route)) {
      await page.emulateMedia({ colorScheme: 'light' });
      await page.setViewportSize(DESKTOP);
      await page.goto(path);
      await settled(page);
      found.push(...(await faults(page)));
      await page.emulateMedia({ colorScheme: 'dark' });
      await settled(page); // colours fade from one to the other
      found.push(...(await faults(page)));
      await page.setViewportSize(PHONE);
      await settled(page);
      const excess = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      if (excess > 0) found.push(`${path} is ${excess} px too wide`);
      found.push(...(await faults(page)));
    }
    await page.context().close();
    expect(found).toEqual([]);
  },
);

test('Nor has what lies over the pages', async () => {
  const found: string[] = [];
  const page = await open('/devices');
  await settled(page);
  await page.getByRole('button', { name: /^Find/ }).click();
  await page.getByRole('combobox', { name: 'Find a site, device, topic or action' }).fill('di');
  await page.locator('[role=option]').first().waitFor();
  await settled(page);
  found.push(...(await faults(page)));
  await page.keyboard.press('Escape');
  await page.getByRole('combobox', { name: 'Find a site, device, topic or action' }).waitFor({ state: 'detached' });
  await page.keyboard.press('?');
  await page.getByRole('dialog').waitFor();
  await settled(page);
  found.push(...(await faults(page)));
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Select' }).click();
  await page.getByRole('region', { name: 'Selected devices' }).waitFor();
  await page.getByRole('button', { name: 'Views' }).click();
  await page.getByLabel('Keep what is shown as').waitFor();
  await settled(page);
  found.push(...(await faults(page)));
  expect(found).toEqual([]);
});

test('A viewer sees what is, and no control that would be refused', async () => {
  const page = await open('/connections', { as: stage.viewer });
  await page.getByText('Connected', { exact: true }).first().waitFor();
  expect(await page.getByRole('switch').count()).toBe(0);
  expect(await page.getByRole('button', { name: 'Add connection' }).count()).toBe(0);
  expect(await faults(page)).toEqual([]);
});
