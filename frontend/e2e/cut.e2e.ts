import { setTimeout as rest } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { ask, line, link, open, openLink, rowOf } from './stage';

const CUT_MS = 20_000;

test('What happened while the line was cut for 20 s is shown when it is back', async () => {
  const bridge = await openLink('Ponte');
  const cable = await line();
  const page = await open('/connections', { url: cable.url });
  const row = rowOf(page, bridge);
  await row.getByText('Connected', { exact: true }).waitFor();

  cable.cut();
  await page.context().setOffline(true);
  const mended = rest(CUT_MS);
  await ask('POST', `mqtt/site/${bridge.site_id}/stop/`);
  await page.getByText(/Reconnecting\. Values as of \d+:\d+:\d+/).waitFor();
  await expect.poll(() => link('Ponte')).toMatchObject({ status: 'disconnected' });
  expect(await row.getByText('Was connected', { exact: true }).isVisible()).toBe(true);
  await mended;
  cable.mend();
  await page.context().setOffline(false);

  await row.getByText('Not connected', { exact: true }).waitFor();
  await row.getByText('Off', { exact: true }).waitFor();
  await page.getByText(/Reconnecting/).waitFor({ state: 'detached' });
  await ask('POST', `mqtt/site/${bridge.site_id}/start/`);
  await row.getByText('Connected', { exact: true }).waitFor();
  cable.close();
});
