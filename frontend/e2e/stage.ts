/** The stage of the end-to-end tests: the running system, browsers that are signed in, and a line that can be cut. */

import { readFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, inject } from 'vitest';

export type Person = { user: string; password: string };
export type Stage = Person & {
  url: string;
  token: string;
  viewer: Person;
  operator: Person;
  /** The site with ten thousand dataloggers. */
  crowd: number;
  /** There, for `make measure`: the datalogger with a week of readings. */
  week: number;
  /** Process ids. */
  supervisor: number;
  listener: number;
  /** Where `make screenshots` wants its pictures. */
  pictures: string;
};

export const stage = JSON.parse(readFileSync(process.env.FIELDLEDGER_STAGE ?? '', 'utf8')) as Stage;

export const DESKTOP = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844 };

let browser: Browser;
const contexts: BrowserContext[] = [];
beforeAll(async () => {
  browser = await chromium.connect(inject('browser'));
});
afterAll(async () => {
  await Promise.all(contexts.map((context) => context.close()));
  await browser.close();
});

type Options = BrowserContextOptions & { as?: Person; url?: string };

/** Another browser, in which somebody is signed in. */
export async function open(path: string, { as = stage, url = stage.url, ...options }: Options = {}): Promise<Page> {
  const context = await browser.newContext({ viewport: DESKTOP, ...options, baseURL: url });
  contexts.push(context);
  context.setDefaultTimeout(60_000);
  await context.addCookies(inject('cookies')[as.user] ?? []);
  const page = await context.newPage();
  await page.goto(path);
  await page.locator('h1').first().waitFor();
  return page;
}

/** Everything that loads has loaded, and everything that moves has come to rest. */
export async function settled(page: Page): Promise<void> {
  await page.locator('h1').first().waitFor();
  await page.locator('[aria-busy=true]').first().waitFor({ state: 'detached' });
  await page.evaluate(async () => {
    await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))); // what is to move has begun
    const moving = document.getAnimations().filter((one) => one.effect?.getComputedTiming().iterations !== Infinity);
    await Promise.all(moving.map((one) => one.finished.catch(() => undefined)));
  });
}

/** The REST API, as a program speaks to it. */
export async function ask<Answer>(method: string, path: string, body?: object): Promise<Answer> {
  const response = await fetch(`${stage.url}/api/v1/${path}`, {
    method,
    headers: { Authorization: `Bearer ${stage.token}`, 'Content-Type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Answer;
}

export type Link = { site_id: number; site_name: string; is_active: boolean; status: string };

export async function links(): Promise<Link[]> {
  return (await ask<{ items: Link[] }>('GET', 'mqtt/connection-status/')).items;
}

export async function link(name: string): Promise<Link> {
  const found = (await links()).find((one) => one.site_name.includes(name));
  if (!found) throw new Error(`no connection of ${name}`);
  return found;
}

/** A connection that is open, whatever another story has left behind. */
export async function openLink(name: string): Promise<Link> {
  const { site_id } = await link(name);
  await ask('POST', `mqtt/site/${site_id}/start/`);
  await expect.poll(() => link(name)).toMatchObject({ is_active: true, status: 'connected' });
  return link(name);
}

/** One connection's row on the Connections page. */
export function rowOf(page: Page, { site_id }: Link) {
  return page.locator(`li[data-site="${site_id}"]`);
}

/** A line between browsers and the web server that can be cut like a cable, and mended. */
export async function line(): Promise<{ url: string; cut: () => void; mend: () => void; close: () => void }> {
  const { hostname, port } = new URL(stage.url);
  const sockets = new Set<Socket>();
  let isCut = false;
  const server = createServer((near) => {
    if (isCut) return near.destroy();
    const far = connect(Number(port), hostname);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const destroy = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut: () => {
      isCut = true;
      destroy();
    },
    mend: () => {
      isCut = false;
    },
    close: () => {
      destroy();
      server.close();
    },
  };
}
