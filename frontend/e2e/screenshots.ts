/** The pictures of the README: taken from the fleet, in light and dark, so that they never lie. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { ask, DESKTOP, link, open, PHONE, stage } from './stage';

const QUALITY = 82;

async function take(page: Page, name: string): Promise<void> {
  const camera = await page.context().newCDPSession(page);
  const { data } = await camera.send('Page.captureScreenshot', { format: 'webp', quality: QUALITY });
  mkdirSync(stage.pictures, { recursive: true });
  writeFileSync(join(stage.pictures, `${name}.webp`), Buffer.from(data, 'base64'));
}

async function telling(): Promise<number> {
  const { site_id } = await link('Ponte');
  const { items } = await ask<{ items: { id: number; serial: string }[] }>('GET', `dataloggers/?site=${site_id}`);
  return (items.find(({ serial }) => serial.startsWith('MNA')) ?? items[0])?.id ?? 0;
}

test.each(['light', 'dark'] as const)('Pictures in %s', async (colorScheme) => {
  const pages = [
    ['overview', '/'],
    ['datalogger', `/dataloggers/${await telling()}`],
    ['topics', '/topics'],
    ['connections', '/connections'],
    ['system', '/system?span=1h'],
  ] as const;
  const page = await open('/', { colorScheme, viewport: DESKTOP });
  for (const [name, path] of pages) {
    await page.goto(path);
    await settled(page);
    if (name === 'connections') await stopped(page);
    await take(page, `${name}-${colorScheme}`);
  }
  const { site_id } = await link('Diga');
  await ask('POST', `mqtt/site/${site_id}/start/`);
});

test('And one on a phone', async () => {
  const phone = { viewport: PHONE, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };
  for (const colorScheme of ['light', 'dark'] as const) {
    const page = await open('/', { ...phone, colorScheme });
    await settled(page);
    await take(page, `phone-${colorScheme}`);
  }
});

/** With a stop that is not applied yet. */
async function stopped(page: Page): Promise<void> {
  const { site_id } = await link('Diga');
  await ask('POST', `mqtt/site/${site_id}/stop/`);
  await expect.poll(() => page.getByText(/applies in \d+ s|applying/).count()).toBeGreaterThan(0);
}

async function settled(page: Page): Promise<void> {
  await page.locator('h1').first().waitFor();
  await page.locator('[aria-busy=true]').first().waitFor({ state: 'detached' });
  await page.waitForTimeout(2_000); // live values come in
}
