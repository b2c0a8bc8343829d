import { expect, test } from 'vitest';
import { ask, link, open } from './stage';

test('A stretch marked in a chart with the mouse is shown nearer, and so for whoever opens the address', async () => {
  const { site_id } = await link('Colle');
  const { items } = await ask<{ items: { id: number }[] }>('GET', `dataloggers/?site=${site_id}&limit=1`);
  const page = await open(`/dataloggers/${items[0]?.id}?range=24h`);
  const chart = page.locator('.u-over').first();
  const box = await chart.boundingBox();
  if (!box) throw new Error('nothing is drawn');
  await chart.scrollIntoViewIfNeeded();
  await chart.dragTo(chart, {
    sourcePosition: { x: box.width / 4, y: box.height / 2 },
    targetPosition: { x: box.width / 2, y: box.height / 2 },
  });
  await page.waitForURL(/from=\d+&to=\d+/);
  const [from, to] = ['from', 'to'].map((name) => Number(new URL(page.url()).searchParams.get(name)));
  expect((to ?? 0) - (from ?? 0)).toBeGreaterThan(5 * 3600);
  expect((to ?? 0) - (from ?? 0)).toBeLessThan(7 * 3600); // a quarter of the day
  const others = await open(page.url());
  const captions = () => Promise.all([page, others].map((one) => one.locator('figcaption').first().innerText()));
  await expect.poll(async () => new Set(await captions()).size).toBe(1);
});
