/** What the palette offers for what is typed: pages, bookmarks, sites, devices, topics and what one may do. */

import { keepPreviousData } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { $api } from '@/api/client';
import type { SiteOverview } from '@/api/types';
import { PLACES } from '@/app/navigation';
import { useTheme } from '@/app/preferences';
import { signOut } from '@/app/session';
import { start } from '@/app/start';
import { shell } from '@/app/strings';
import type { IconName } from '@/components/icons';
import { reaches } from '@/hooks/useRole';
import { t } from '@/i18n';
import { words } from '@/i18n/common';
import { useLive } from '@/live/store';
import { show } from './overlay';
import { texts } from './strings';

export type WishOf = { siteId: number; wish: 'start' | 'stop' | 'discover' };
export type Choice = { id: string; icon: IconName; label: string; about?: string; run: () => void };
export type Group = { name: string; choices: Choice[] };

const EACH = 6;
/** One letter fits too much to be worth a request. */
const LEAST = 2;

export function useChoices(typed: string, onWish: (wish: WishOf) => void) {
  const navigate = useNavigate();
  const [, setTheme] = useTheme();
  const held = useLive((live) => live.sites);
  const search = typed.trim();
  const isEnough = search.length >= LEAST;
  const shown = { placeholderData: keepPreviousData, enabled: isEnough };
  const overview = $api.useQuery('get', '/api/v1/overview/', { params: { query: { minutes: 60 } } });
  const bookmarks = $api.useQuery('get', '/api/v1/me/bookmarks/', {});
  const devices = $api.useQuery('get', '/api/v1/dataloggers/', { params: { query: { search, limit: EACH } } }, shown);
  const topics = $api.useQuery(
    'get',
    '/api/v1/discovered-topics/',
    { params: { query: { search, limit: EACH } } },
    shown,
  );
  const fits = (text: string) => holds(text, search);
  const open = (to: string) => () => void navigate({ to });
  const sites = overview.data?.sites ?? [];
  const mayOperate = (site: SiteOverview) =>
    site.connection && reaches(held?.find((one) => one.id === site.id)?.role ?? start.role, 'operator');

  const groups: Group[] = [
    {
      name: t(texts.places),
      choices: PLACES.map((place) => ({
        id: place.to,
        icon: place.icon,
        label: t(place.text),
        run: open(place.to),
      })).filter(({ label }) => fits(label)),
    },
    {
      name: t(texts.bookmarks),
      choices: (bookmarks.data ?? [])
        .filter(({ name }) => fits(name))
        .map(({ id, kind, name, address }) => ({
          id: `bookmark-${id}`,
          icon: kind === 'view' ? 'devices' : 'topics',
          label: name,
          run: open(address),
        })),
    },
    {
      name: t(texts.sites),
      choices: sites
        .filter((site) => fits(`${site.name} ${site.slug}`))
        .map((site) => ({
          id: `site-${site.id}`,
          icon: 'overview',
          label: site.name,
          about: t(words[site.word]),
          run: open(`/sites/${site.id}`),
        })),
    },
    {
      name: t(texts.devices),
      choices: (isEnough ? (devices.data?.items ?? []) : []).map((device) => ({
        id: `device-${device.id}`,
        icon: 'devices',
        label: device.name || device.serial,
        about: `${device.name ? `${device.serial} · ` : ''}${device.site_name} · ${t(words[device.status])}`,
        run: open(`/dataloggers/${device.id}`),
      })),
    },
    {
      name: t(texts.topics),
      choices: (isEnough ? (topics.data?.items ?? []) : []).map((topic) => ({
        id: `topic-${topic.id}`,
        icon: 'topics',
        label: topic.topic_path,
        run: () => void navigate({ to: '/topics', search: { path: topic.topic_path, of: topic.site_id } }),
      })),
    },
    {
      name: t(texts.actions),
      choices: [
        ...sites.filter(mayOperate).flatMap((site) => wishes(site, onWish)),
        {
          id: 'theme',
          icon: start.theme === 'dark' ? ('sun' as const) : ('moon' as const),
          label: t(start.theme === 'dark' ? texts.toLight : texts.toDark),
          run: () => setTheme(start.theme === 'dark' ? 'light' : 'dark'),
        },
        { id: 'sheet', icon: 'rows' as const, label: t(texts.shortcuts), run: () => show('sheet') },
        { id: 'out', icon: 'exit' as const, label: t(shell.signOut), run: signOut },
      ].filter(({ label }) => (search ? fits(label) : false)),
    },
  ];
  const isFailed = Boolean(overview.error || bookmarks.error || devices.error || topics.error);
  return {
    groups: groups
      .map((group) => ({ ...group, choices: group.choices.slice(0, search ? EACH : PLACES.length) }))
      .filter(({ choices }) => choices.length),
    isFailed,
    isBusy: isEnough && (devices.isFetching || topics.isFetching),
  };
}

function wishes(site: SiteOverview, onWish: (wish: WishOf) => void): Choice[] {
  const wish = (what: WishOf['wish'], icon: IconName): Choice => ({
    id: `${what}-${site.id}`,
    icon,
    label: t(texts[what], { site: site.name }),
    run: () => onWish({ siteId: site.id, wish: what }),
  });
  const isOn = site.connection?.is_active;
  return [isOn ? wish('stop', 'pause') : wish('start', 'play'), wish('discover', 'radar')];
}

/** Every word that is typed begins some word of the text, or stands in it. */
export function holds(text: string, typed: string): boolean {
  const known = text.toLowerCase();
  return typed
    .toLowerCase()
    .split(/\s+/)
    .every((word) => known.includes(word));
}
