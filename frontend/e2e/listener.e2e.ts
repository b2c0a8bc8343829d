import { afterEach, expect, test } from 'vitest';
import { ask, link, open, openLink, rowOf, stage } from './stage';

afterEach(() => void process.kill(stage.supervisor, 'SIGCONT'));

test('A wish that nobody applies says so, then what to do; and applies once a listener runs again', async () => {
  const plant = await openLink('Colle');
  await ask('POST', `mqtt/site/${plant.site_id}/stop/`);
  await expect.poll(() => link('Colle')).toMatchObject({ status: 'disconnected' });
  process.kill(stage.supervisor, 'SIGSTOP'); // or it would start another at once
  process.kill(stage.listener, 'SIGKILL');

  const page = await open('/connections');
  const row = rowOf(page, plant);
  await row.locator('label', { hasText: 'Off' }).click();
  await row.getByText(/applies in \d+ s|applying/).waitFor(); // whichever is left of the period when it is drawn
  await row.getByRole('status').getByText('Waiting for the listener').waitFor();
  const advice = row.getByRole('status').filter({ hasText: 'The listener is not running' });
  await advice.waitFor();
  expect(await advice.innerText()).toContain('python manage.py run_mqtt');
  expect(await advice.getByRole('link').getAttribute('href')).toContain('/logs/connection');

  process.kill(stage.supervisor, 'SIGCONT');
  await row.getByText('Connected', { exact: true }).waitFor({ timeout: 60_000 });
  await advice.waitFor({ state: 'detached' });
});
