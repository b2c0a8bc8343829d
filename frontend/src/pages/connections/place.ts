/** Where a new connection belongs: a site that has none yet, or a new one. */

import type { components } from '@/api/schema';

export type Kind = components['schemas']['Type'];
export type Place = {
  siteId: number | null;
  isNew: boolean;
  name: string;
  slug: string;
  site_type: Kind;
  timezone: string;
};

export type Choices = {
  free: { id: number; name: string; slug: string }[];
  /** May make new sites. */
  mayAdd: boolean;
  isKnown: boolean;
};

export const NOWHERE: Place = {
  siteId: null,
  isNew: false,
  name: '',
  slug: '',
  site_type: 'other',
  timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
};

/** The prefix of a pasted address names a site by its slug, or begins a new one; what was chosen before stays. */
export function placeOf(place: Place, slug: string, { free, mayAdd }: Choices): Place {
  if (!slug || place.siteId !== null) return place;
  const named = free.find((site) => site.slug === slug);
  if (named && !place.isNew) return { ...place, siteId: named.id };
  return mayAdd ? { ...place, isNew: true, slug } : place;
}
