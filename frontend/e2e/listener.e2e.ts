import { afterEach, expect, test } from 'vitest';
import { ask, link, open, openLink, rowOf, stage } from './stage';

/** The stages of a wish in the order in which a row has told them, each once. */
function remember(row: Element): string[] {
  const stages: [string, RegExp][] = [
    ['applying', /applies in|applying/],
    ['waiting', /Waiting for the listener/],
    ['not running', /The listener is not running/],
  ];
  const told: string[] = [];
  new MutationObserver(() => {
    for (const [name, words] of stages) if (!told.includes(name) && words.test(row.textContent ?? '')) told.push(name);
  }).observe(row, { subtree: true, childList: true, characterData: true });
  return told;
}

afterEach(() => void process.kill(stage.supervisor, 'SIGCONT'));

test('A wish that nobody applies says so, then what to do; and applies once a listener runs again', async () => {
  const plant = await openLink('Colle');
  await ask('POST', `mqtt/site/${plant.site_id}/stop/`);
  await expect.poll(() => link('Colle')).toMatchObject({ status: 'disconnected' });
  process.kill(stage.supervisor, 'SIGSTOP'); // or it would start another at once
  process.kill(stage.listener, 'SIGKILL');

  const page = await open('/connections');
  const row = rowOf(page, plant);
  const told = await row.evaluateHandle(remember); // what is shown for some seconds only is not missed, however slow we are
  await row.locator('label', { hasText: 'Off' }).click();
  const advice = row.getByRole('status').filter({ hasText: 'The listener is not running' });
  await advice.waitFor({ timeout: 60_000 });
  expect(await told.jsonValue()).toEqual(['applying', 'waiting', 'not running']);
  expect(await advice.innerText()).toContain('python manage.py run_mqtt');
  expect(await advice.getByRole('link').getAttribute('href')).toContain('/logs/connection');

  process.kill(stage.supervisor, 'SIGCONT');
  await row.getByText('Connected', { exact: true }).waitFor({ timeout: 60_000 });
  await advice.waitFor({ state: 'detached' });
});
