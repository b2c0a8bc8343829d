/** Which sites are shown, and in which order. Pure. */

import type { SiteOverview } from '@/api/types';
import { type OverviewSearch, WORDS } from './search';

export function chosen(sites: SiteOverview[], { word, search }: OverviewSearch): SiteOverview[] {
  const wanted = search?.toLowerCase();
  return sites.filter(
    (site) =>
      (!word || site.word === word) &&
      (!wanted || `${site.name}\n${site.slug}\n${site.location}`.toLowerCase().includes(wanted)),
  );
}

export function ordered(sites: SiteOverview[], sort: OverviewSearch['sort'] = 'worst'): SiteOverview[] {
  const byName = (one: SiteOverview, other: SiteOverview) => one.name.localeCompare(other.name);
  const heard = (site: SiteOverview) => site.connection?.last_message_at ?? '';
  const compare = {
    name: byName,
    worst: (one: SiteOverview, other: SiteOverview) =>
      WORDS.indexOf(one.word) - WORDS.indexOf(other.word) || byName(one, other),
    heard: (one: SiteOverview, other: SiteOverview) => heard(other).localeCompare(heard(one)) || byName(one, other),
  };
  return [...sites].sort(compare[sort]);
}
