/** Once for all stories: one browser, and the people of the stage signed in. */

import { readFileSync } from 'node:fs';
import { type Browser, type Cookie, chromium } from 'playwright-core';
import type { TestProject } from 'vitest/node';
import type { Person, Stage } from './stage';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
]; // biome-ignore format: a list

declare module 'vitest' {
  interface ProvidedContext {
    browser: string;
    cookies: Record<string, Cookie[]>;
  }
}

export default async function open(project: TestProject): Promise<() => Promise<void>> {
  const stage = JSON.parse(readFileSync(process.env.FIELDLEDGER_STAGE ?? '', 'utf8')) as Stage;
  const house = await chromium.launchServer({ executablePath: CHROMIUM, args: FLAGS });
  const browser = await chromium.connect(house.wsEndpoint());
  const people = [stage, stage.viewer, stage.operator].filter(Boolean);
  const signedIn = await Promise.all(people.map((person) => signIn(browser, stage.url, person)));
  await browser.close();
  project.provide('browser', house.wsEndpoint());
  project.provide('cookies', Object.fromEntries(people.map((person, place) => [person.user, signedIn[place] ?? []])));
  return () => house.close();
}

async function signIn(browser: Browser, url: string, { user, password }: Person): Promise<Cookie[]> {
  const context = await browser.newContext({ baseURL: url });
  const page = await context.newPage();
  await page.goto('/login/');
  await page.fill('[name=username]', user);
  await page.fill('[name=password]', password);
  await page.press('[name=password]', 'Enter');
  await page.waitForURL((address) => address.pathname === '/');
  const cookies = await context.cookies();
  await context.close();
  return cookies;
}
