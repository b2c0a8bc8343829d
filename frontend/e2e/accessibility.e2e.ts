import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { ask, link, open, PHONE, stage } from './stage';

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
    '/', '/?view=table', `/sites/${site_id}`, '/devices', `/dataloggers/${items[0]?.id}`, '/connections',
    '/connections?add=true', '/topics', '/logs/connection', '/logs/parsing', '/logs/parsing?again=%23',
    '/parsers', `/parsers/new?site=${site_id}`, `/devices/waiting?site=${site_id}`, '/notices', '/system', '/settings',
    '/settings?tab=tokens', '/settings?tab=about',
  ]; // biome-ignore format: a list
}

test.each(['light', 'dark'] as const)('No page has a serious fault for axe: %s', async (colorScheme) => {
  const found: string[] = [];
  const page = await open('/', { colorScheme });
  for (const path of await addresses()) {
    await page.goto(path);
    await settled(page);
    found.push(...(await faults(page)));
  }
  expect(found).toEqual([]);
});

test('Nor on a phone, where no page is wider than the screen', async () => {
  const found: string[] = [];
  const page = await open('/', { viewport: PHONE, isMobile: true, hasTouch: true });
  for (const path of await addresses()) {
    await page.goto(path);
    await settled(page);
    const excess = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    if (excess > 0) found.push(`${path} is ${excess} px too wide`);
    if (path === '/' || path === '/connections') found.push(...(await faults(page)));
  }
  expect(found).toEqual([]);
});

test('A viewer sees what is, and no control that would be refused', async () => {
  const page = await open('/connections', { as: stage.viewer });
  await page.getByText('Connected', { exact: true }).first().waitFor();
  expect(await page.getByRole('switch').count()).toBe(0);
  expect(await page.getByRole('button', { name: 'Add connection' }).count()).toBe(0);
  expect(await faults(page)).toEqual([]);
});

/** Everything that loads has loaded. */
async function settled(page: Page): Promise<void> {
  await page.locator('h1').first().waitFor();
  await page.locator('[aria-busy=true]').first().waitFor({ state: 'detached' });
  await page.waitForTimeout(150); // fades
}
