import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { ask, DESKTOP, link, open, PHONE, settled, stage } from './stage';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

async function faults(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const found = await page.evaluate(() => (window as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run());
  return found.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${page.url()} ${id}: ${nodes.map((node) => node.target.join(' ')).join(' | ')}`);
}

async function addresses(): Promise<string[]> {
  const { site_id } = await link('Diga');
  const { items } = await ask<{ items: { id: number }[] }>('GET', `dataloggers/?site=${site_id}&limit=1`);
  return [
    '/', '/?view=table', '/?view=map', `/sites/${site_id}`, '/devices', `/dataloggers/${items[0]?.id}`, '/connections',
    '/connections?add=true', '/topics', '/logs/connection', '/logs/parsing', '/logs/parsing?again=%23',
    '/parsers', `/parsers/new?site=${site_id}`, `/devices/waiting?site=${site_id}`, '/notices', '/system', '/settings',
    '/settings?tab=tokens', '/settings?tab=people', '/settings?tab=retention', '/settings?tab=about',
  ]; // biome-ignore format: a list
}

test('No page has a serious fault for axe in light, dark or on a phone, where none is wider than the screen', async () => {
  const found: string[] = [];
  const page = await open('/', { colorScheme: 'light' });
  for (const path of await addresses()) {
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
  expect(found).toEqual([]);
});

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
