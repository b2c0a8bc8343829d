import { expect, test } from 'vitest';
import { ask, open, openLink, stage } from './stage';

type Page<Row> = { items: Row[] };

test('What no parser can read is mapped in the browser, tested, activated, and yesterday’s message read again', async () => {
  const { site_id: site } = await openLink('Ponte');
  const slug = (await ask<{ slug: string }>('GET', `sites/${site}/`)).slug;
  const topic = `${slug}/gateway/9/datalogger/env/9/heartbeat`;
  const text = JSON.stringify({ serial_number: 'WIND9', sensors_last_data: { wind: { value: '3.5', unit: 'm/s' } } });
  await fetch(`${stage.url}/api/v1/commands/raw/`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${stage.token}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ site, topic, text }),
  });
  const failed = () =>
    ask<Page<{ fingerprint: string; path: string }>>('GET', `parsing-groups/?site=${site}`).then(({ items }) =>
      items.find(({ path }) => path === 'sensors_last_data.wind.value'),
    );
  await expect.poll(failed).toBeTruthy();

  const page = await open(`/logs/parsing?site=${site}&kind=${(await failed())?.fingerprint}`);
  await page.getByRole('link', { name: 'Make a mapping that reads it' }).click();
  await page.getByLabel('Topics').fill(`{site}/gateway/9/datalogger/env/9/heartbeat`);
  await page.getByLabel('Name *').fill('wind');
  await page.getByRole('button', { name: /"value": "3.5"/ }).click();
  await page.getByText('this is no number').waitFor();
  await page.getByText('More', { exact: true }).first().click();
  await page.locator('label', { hasText: 'is a number, too' }).click();
  await page.getByText('1 reading would be stored').waitFor();
  // What others of this kind measure is suggested, too. No test case has it, so it would not be activated.
  const others = page.getByRole('button', { name: /^Remove (?!wind)/ });
  while (await others.count()) await others.first().click();

  await page.getByRole('button', { name: 'Save the mapping' }).click();
  await page.getByRole('heading', { name: 'wind', level: 1 }).waitFor();
  await page.getByRole('button', { name: 'Activate version 1' }).click();
  await page.getByText('Keep at least one captured message').waitFor();
  await page.getByRole('button', { name: 'Keep as test case' }).click();
  await page.getByText('Version 1: 1 pass, 0 fail.').waitFor();
  await page.getByRole('button', { name: 'Activate version 1' }).click();

  await page.getByRole('link', { name: 'Now read again what failed' }).click();
  await page.getByRole('button', { name: 'Dry run' }).click();
  await page.getByRole('button', { name: /^Store \d/ }).click();
  await page.getByText(/Done: \d recovered, 0 in part, 0 still fail/).waitFor();
  const { items } = await ask<Page<{ latest_values: number[] }>>('GET', `sensors/?site=${site}&search=wind`);
  expect(items.map(({ latest_values }) => latest_values)).toContainEqual([3.5]);
});
