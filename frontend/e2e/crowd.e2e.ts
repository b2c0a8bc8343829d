import { expect, test } from 'vitest';
import { open, stage } from './stage';

const STEPS = 60;
/** Of the page's own thread, however busy the machine is; each step draws a screen of rows that were not there before. */
const STEP_MS = 60;

test('Ten thousand dataloggers are scrolled from the first to the last, with little work for each frame', async () => {
  const page = await open(`/devices?site=${stage.crowd}`);
  await page.getByText('C-00001').waitFor();
  const meter = await page.context().newCDPSession(page);
  await meter.send('Performance.enable', { timeDomain: 'threadTicks' });
  const worked = async () => {
    const { metrics } = await meter.send('Performance.getMetrics');
    return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0) * 1000;
  };
  const before = await worked();
  await page.evaluate(async (steps) => {
    for (let step = 1; step <= steps; step++) {
      window.scrollTo(0, (document.documentElement.scrollHeight * step) / steps);
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
  }, STEPS);
  const each = ((await worked()) - before) / STEPS;
  await page.getByText('C-10000').waitFor();
  expect(each).toBeLessThan(STEP_MS);
});
