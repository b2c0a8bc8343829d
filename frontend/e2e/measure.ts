/** What the screens cost at their limits, in figures: printed; first paint and heap are judged, too. They mean something on a machine at rest. */

import { readdirSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { open, settled, stage } from './stage';

const POINTS = 60_480; // a week at 10 s
const PAINT_MS = 1_000;
const HEAP_MB = 60;
/** HEAP_MINUTES=2 for a shorter look. */
const HEAP_MINUTES = Number(process.env.HEAP_MINUTES ?? 10);
const figures: [what: string, figure: string][] = [];
const missing: string[] = [];

function told(what: string, figure: string): void {
  figures.push([what, figure]);
}

/** Printed like all others; beyond its limit the run fails. */
function judged(what: string, figure: number, limit: number, unit: string): void {
  told(what, `${figure.toFixed(0)} of ${limit} ${unit}`);
  if (figure > limit) missing.push(what);
}

/** Milliseconds between frames, and of work on the page's own thread for each, while the page scrolls to its end. */
async function scrolled(page: Page, what: string, steps: number, box?: string): Promise<void> {
  const meter = await page.context().newCDPSession(page);
  await meter.send('Performance.enable', { timeDomain: 'threadTicks' });
  const worked = async () => {
    const { metrics } = await meter.send('Performance.getMetrics');
    return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0) * 1000;
  };
  const before = await worked();
  const frames = await page.evaluate(
    async ([most, selector]) => {
      const place = selector ? document.querySelector(selector) : document.documentElement;
      const times: number[] = [];
      let last = await new Promise<number>(requestAnimationFrame);
      for (let step = 1; step <= most; step++) {
        if (place) place.scrollTop = (place.scrollHeight * step) / most;
        const now = await new Promise<number>(requestAnimationFrame);
        times.push(now - last);
        last = now;
      }
      return times;
    },
    [steps, box] as const,
  );
  const work = ((await worked()) - before) / steps;
  const sorted = [...frames].sort((one, other) => one - other);
  const at = (share: number) =>
    (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0).toFixed(1);
  told(what, `frames p50 ${at(0.5)}, p95 ${at(0.95)}, longest ${at(1)} ms; work ${work.toFixed(1)} ms a frame`);
}

async function timed(what: string, act: () => Promise<unknown>): Promise<void> {
  const began = performance.now();
  await act();
  told(what, `${(performance.now() - began).toFixed(0)} ms`);
}

/** One of them that cannot be measured costs no other. */
async function part(what: string, measure: () => Promise<void>): Promise<void> {
  try {
    await measure();
  } catch (error) {
    missing.push(what);
    told(what, `not measured: ${String(error).split('\n')[0]}`);
  }
}

test('figures', async () => {
  await part('the first paint', paint);
  const page = await open('/');
  await part('500 sites', async () => {
    await page.getByText(/^50\d sites$/).waitFor();
    await settled(page);
    await scrolled(page, '500 sites, scrolled in 100 steps', 100);
  });
  await part('10,000 devices', () => devices(page));
  await part('50,000 topics', () => topics(page));
  await part('a week of readings', () => week(page));
  await part('points drawn unthinned', () => drawing(page));
  await part('the heap', heap);
  const widest = Math.max(...figures.map(([what]) => what.length));
  process.stdout.write(`\n${figures.map(([what, figure]) => `${what.padEnd(widest)}  ${figure}`).join('\n')}\n`);
  expect(missing).toEqual([]);
}, 1_200_000);

/** Of a browser that has never been here, as the browser itself tells it. */
async function paint(): Promise<void> {
  const page = await open('/');
  await settled(page);
  const at = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0);
  judged('first paint of the overview, nothing cached', at, PAINT_MS, 'ms');
}

/** What remains after a collection, when the overview and a site have heard the fleet speak for ten minutes. */
async function heap(): Promise<void> {
  const page = await open('/');
  await settled(page);
  const meter = await page.context().newCDPSession(page);
  for (const minutes of [0, HEAP_MINUTES]) {
    await page.waitForTimeout(minutes * 60_000);
    await meter.send('HeapProfiler.collectGarbage');
    const { usedSize } = await meter.send('Runtime.getHeapUsage');
    judged(`JS heap of the overview after ${minutes} minutes of live messages`, usedSize / 1e6, HEAP_MB, 'MB');
  }
}

async function devices(page: Page): Promise<void> {
  await page.goto(`/devices?site=${stage.crowd}`);
  await page.getByText('C-00001').waitFor();
  await scrolled(page, '10,000 devices, scrolled in 300 steps', 300);
  await timed('10,000 devices, sorted by another column', async () => {
    await page.evaluate(() => window.scrollTo(0, 0));
    await page.getByRole('button', { name: /^Last seen/ }).click();
    await page.locator('th[aria-sort]').filter({ hasText: 'Last seen' }).waitFor();
    await settled(page);
  });
}

async function topics(page: Page): Promise<void> {
  await timed('50,000 topics, first level', async () => {
    await page.goto(`/topics?site=${stage.crowd}`);
    await page.getByRole('treeitem').first().waitFor();
  });
  await timed('50,000 topics, searched with a filter', async () => {
    await page.locator('[data-search]').fill('crowd/+/d00042/#');
    await page
      .getByText(/topics? (is|are) found|found/i)
      .first()
      .waitFor();
  });
  await page.goto(`/topics?site=${stage.crowd}&find=crowd%2F%2B%2F%2B%2Ftelemetry`);
  await page.getByRole('treeitem').nth(20).waitFor();
  await scrolled(page, '50,000 topics, what a search opens, scrolled in 100 steps', 100);
}

async function week(page: Page): Promise<void> {
  await page.goto(`/dataloggers/${stage.week}?range=7d`);
  await page.locator('.u-over').first().waitFor();
  await settled(page);
  for (const range of ['24h', '7d']) {
    await page.getByText(range, { exact: true }).click();
    await settled(page);
  }
  const drawn = await page.evaluate(async () => {
    const [answer] = performance
      .getEntriesByType('resource')
      .filter(({ name }) => name.includes('/readings'))
      .slice(-1) as PerformanceResourceTiming[];
    return answer ? answer.responseEnd - answer.requestStart : 0;
  });
  told(
    `${POINTS.toLocaleString('en')} readings of three components, asked of the server as a chart`,
    `${drawn.toFixed(0)} ms`,
  );
}

async function drawing(page: Page): Promise<void> {
  const chunk = readdirSync(new URL('../dist/assets', import.meta.url)).find((name) => /^uPlot.*\.js$/.test(name));
  // as text, or the test runner would put its own import in the place of the browser's
  await page.evaluate(`import('/static/frontend/assets/${chunk}').then((all) => { window.drawing = all; })`);
  const first = await page.evaluate(async (count) => {
    const found = Object.values((window as unknown as { drawing: object }).drawing).find(
      (one) => typeof one === 'function' && 'tzDate' in one, // uPlot's own; the piece may export others' functions too
    ) as new (
      options: object,
      data: number[][],
      place: HTMLElement,
    ) => { setData(data: number[][]): void };
    const times = Array.from({ length: count }, (_, place) => 1_700_000_000 + place * 10);
    const data = [times, ...[0, 1, 2].map((line) => times.map((at) => Math.sin(at / 5_000 + line) + line))];
    const place = document.body.appendChild(document.createElement('div'));
    const began = performance.now();
    const series = [{}, ...['#3560c2', '#1d8348', '#c2500f'].map((stroke) => ({ stroke }))];
    const chart = new found({ width: 1000, height: 400, series }, data, place);
    await new Promise(requestAnimationFrame);
    await new Promise(requestAnimationFrame);
    const shown = performance.now() - began;
    const again = performance.now();
    for (let turn = 0; turn < 10; turn++) {
      chart.setData(data);
      await new Promise(requestAnimationFrame);
    }
    return [shown, (performance.now() - again) / 10] as const;
  }, POINTS);
  told(`${POINTS.toLocaleString('en')} points in three lines drawn unthinned, first`, `${first[0].toFixed(0)} ms`);
  told('the same drawn again, each of ten', `${first[1].toFixed(0)} ms`);
}
