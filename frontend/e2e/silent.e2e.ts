import { expect, test } from 'vitest';
import { open } from './stage';

const SILENT = 'PZ203'; // of the dam: its battery is flat since hours

test('From the first page it is one press to the silent device: since when, why, and its last message', async () => {
  const page = await open('/');
  const row = page.getByRole('listitem').filter({ hasText: SILENT });
  expect(await row.innerText()).toMatch(/Fell silent; expected every 15 s\s+\d+ h/);
  await row.getByRole('link', { name: 'See its last words' }).click();
  await page.getByRole('heading', { level: 1, name: SILENT }).waitFor();
  await page.getByText(/It fell silent \d+ h .*ago; it was expected every 15 s/).waitFor();
  await page.getByText(/\d+ %: in \d+ of \d+ hours/).waitFor();
});

test('It is found from the keyboard alone, and what one knows of it is read by the others', async () => {
  const [here, there] = await Promise.all([open('/'), open('/')]);
  await there.getByRole('button', { name: `I know of it ${SILENT}` }).click();
  await there.getByLabel('What is known, or is being done').fill('A new battery comes on Thursday');
  await there.getByRole('dialog').getByRole('button', { name: 'I know of it' }).click();
  await there.getByText('A new battery comes on Thursday').waitFor({ state: 'attached' });

  await here.reload();
  await here.getByText(/that somebody knows of/).click();
  await here.getByText('A new battery comes on Thursday').waitFor();
  await here.keyboard.press('Control+k');
  await here.getByRole('combobox', { name: 'Find a site, device, topic or action' }).fill(SILENT);
  await here.getByRole('option', { name: SILENT }).waitFor();
  await here.keyboard.press('Enter');
  await here.getByRole('heading', { level: 1, name: SILENT }).waitFor();

  await there.getByText(/that somebody knows of/).click();
  await there.getByRole('button', { name: `Change note ${SILENT}` }).click();
  await there.getByRole('button', { name: 'It needs attention again' }).click();
  await there.getByRole('button', { name: `I know of it ${SILENT}` }).waitFor();
});
