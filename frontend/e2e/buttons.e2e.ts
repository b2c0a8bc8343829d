import type { Page, Request } from 'playwright-core';
import { expect, test } from 'vitest';
import { link, open, settled, stage } from './stage';

/** What is chosen already does nothing more. */
const CHOSEN = ['[aria-pressed=true]', '[aria-selected=true]', '[data-active]'].map((one) => `:not(${one})`).join('');
const PRESSABLE = `main button:visible:enabled${CHOSEN}, main [role=switch]:enabled`;
const STATES = ['aria-pressed', 'aria-sort', 'aria-checked', 'aria-expanded', 'aria-selected', 'data-active', 'open'];

/** Where each kind of control stands among all of this page: those of a list's rows are one kind. */
async function kinds(page: Page): Promise<{ name: string; place: number }[]> {
  const all = await page.locator(PRESSABLE).all();
  const found = await Promise.all(
    all.map((one) =>
      one.evaluate((node) => {
        const name = (node.getAttribute('aria-label') ?? node.textContent ?? '').trim();
        return { name, kind: `${node.className} ${name.split(' ')[0]}` };
      }),
    ),
  );
  const first = new Map<string, { name: string; place: number }>();
  for (const [place, { name, kind }] of found.entries()) if (!first.has(kind)) first.set(kind, { name, place });
  return [...first.values()];
}

/** Everything that a press can change without the server: the address, what lies over the page, states, texts. */
async function picture(page: Page): Promise<string> {
  return page.evaluate((states) => {
    const over = document.querySelectorAll('[role=dialog], [role=menu], [role=listbox], [role=alert]').length;
    const told = [...document.querySelectorAll(states.map((name) => `[${name}]`).join())].map((node) =>
      states.map((name) => node.getAttribute(name)).join(),
    );
    const fields = document.querySelectorAll('input, select, textarea').length;
    const buttons = [...document.querySelectorAll('button')].map((node) => node.textContent).join();
    return [location.href, over, fields, buttons, ...told].join('|');
  }, STATES);
}

/** Whether anything comes of pressing it: a request that changes something, a file, another page, a dialog, another state. */
async function acts(page: Page, place: number): Promise<boolean> {
  const before = await picture(page);
  let isSent = false;
  const take = () => {
    isSent = true;
  };
  const hear = (request: Request) => {
    isSent ||= request.method() !== 'GET' && request.url().includes('/api/v1/');
  };
  page.on('request', hear);
  page.on('download', take);
  await page.locator(PRESSABLE).nth(place).click({ force: true, timeout: 5_000 });
  for (let look = 0; look < 30; look++) {
    if (isSent || (await picture(page)) !== before) break;
    await page.waitForTimeout(100);
  }
  page.off('request', hear);
  page.off('download', take);
  return isSent || (await picture(page)) !== before;
}

test('Whatever an operator can press sends something, opens something or changes what is shown', async () => {
  const { site_id } = await link('Ponte');
  const page = await open('/', { as: stage.operator });
  const dead: string[] = [];
  const pressed: string[] = [];
  for (const path of ['/', `/sites/${site_id}`, '/devices', '/connections', '/logs/parsing']) {
    await page.goto(path);
    await settled(page);
    for (const { name, place } of await kinds(page)) {
      pressed.push(name);
      const before = await picture(page);
      if (!(await acts(page, place))) dead.push(`${path}: ${name}`);
      await page.keyboard.press('Escape');
      if ((await picture(page)) === before) continue;
      await page.goto(path);
      await settled(page);
    }
  }
  expect(dead).toEqual([]);
  expect(pressed.length).toBeGreaterThan(20);
});
