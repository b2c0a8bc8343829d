/** Every page of the router, at each address at which it looks different: what a walk goes through. */

import type { AppRouter } from '@/app/router';
import { TABS as NOTICES } from '@/pages/notices/search';
import { TABS as SETTINGS } from '@/pages/settings/search';
import { TABS as SITE } from '@/pages/site/search';
import { ask, link } from './stage';

type Route = keyof AppRouter['routesByPath'];
type Items<Row> = { items: Row[] };
type Known = { site: number; device: number; topic: string; kind: string; mapping: number };

/** A route that is missing here does not compile. */
const PAGES: Record<Route, (known: Known) => string[]> = {
  '/': () => ['/', '/?view=table', '/?view=map'],
  '/sites/$id': ({ site }) => SITE.map((tab) => `/sites/${site}?tab=${tab}`),
  '/devices': ({ device }) => ['/devices', `/devices?look=${device}`],
  '/devices/waiting': ({ site }) => ['/devices/waiting', `/devices/waiting?site=${site}`],
  '/dataloggers/$id': ({ device }) => [`/dataloggers/${device}`],
  '/connections': () => ['/connections', '/connections?add=true'],
  '/topics': ({ site, topic }) => [
    '/topics',
    `/topics?site=${site}&path=${topic}`,
    `/topics?site=${site}&view=alike&discovery=true`,
  ],
  '/logs': () => ['/logs'], // leads on to the next
  '/logs/connection': () => ['/logs/connection'],
  '/logs/parsing': ({ kind }) => ['/logs/parsing', `/logs/parsing?kind=${kind}`, '/logs/parsing?again=%23'],
  '/parsers': () => ['/parsers'],
  '/parsers/$id': ({ site, mapping }) => [`/parsers/new?site=${site}`, `/parsers/${mapping}`],
  '/notices': () => NOTICES.map((tab) => `/notices?tab=${tab}`),
  '/system': () => ['/system'],
  '/settings': () => SETTINGS.map((tab) => `/settings?tab=${tab}`),
};
export const ROUTES = Object.keys(PAGES) as Route[];

/** The addresses of a route, each a page of this fleet. */
export async function addresses(): Promise<(route: Route) => string[]> {
  const { site_id: site } = await link('Diga');
  const first = async <Row>(list: string) => {
    const [row] = (await ask<Items<Row>>('GET', list)).items;
    if (!row) throw new Error(`nothing in ${list}`);
    return row;
  };
  const known = {
    site,
    device: (await first<{ id: number }>(`dataloggers/?site=${site}&limit=1`)).id,
    topic: encodeURIComponent(
      (await first<{ topic_path: string }>(`discovered-topics/?site=${site}&limit=1`)).topic_path,
    ),
    kind: (await first<{ fingerprint: string }>('parsing-groups/?limit=1')).fingerprint,
    mapping: await mapping(site),
  };
  return (route) => PAGES[route](known);
}

/** One that reads nothing, because it is not active. */
async function mapping(site: number): Promise<number> {
  const { items } = await ask<Items<{ id: number }>>('GET', `mappings/?site=${site}`);
  if (items[0]) return items[0].id;
  const sensors = [{ key: 'wind', value: 'wind.speed', unit: 'm/s' }];
  const made = await ask<{ id: number }>('POST', 'mappings/', {
    site,
    name: 'mast',
    definition: { template: '{site}/masts/{place}', device: '{place}', sensors },
  });
  return made.id;
}
