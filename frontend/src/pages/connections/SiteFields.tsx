/** Which site a new connection is for: one that has none yet, or a new one. */

import { Select, TextInput } from '@mantine/core';
import { useMemo } from 'react';
import { t } from '@/i18n';
import { useLive } from '@/live/store';
import { slugOf } from './form';
import type { Choices, Kind, Place } from './place';
import { kinds, texts } from './texts';
import { useSites } from './useConnections';
import { useMe } from './useMe';

const NEW = 'new';
const KINDS = Object.keys(kinds) as Kind[];

/** The sites that one may connect, and whether one may make others. */
export function useChoices(): Choices {
  const { all } = useSites();
  const me = useMe().data;
  const administers = useLive((live) => live.sites);
  return useMemo(() => {
    const roles = new Map(administers?.map((site) => [site.id, site.role]));
    const free = all?.filter((site) => !site.connection && (roles.get(site.id) ?? 'admin') === 'admin') ?? [];
    return { free, mayAdd: me?.may_add_sites ?? false, isKnown: Boolean(all && me) };
  }, [all, me, administers]);
}

type Props = { place: Place; choices: Choices; onChange: (place: Place) => void; errors: Record<string, string> };

export function SiteFields({ place, choices, onChange, errors }: Props) {
  const { free, mayAdd, isKnown } = choices;
  const choice = place.isNew ? NEW : place.siteId === null ? null : String(place.siteId);
  return (
    <>
      <Select
        style={{ gridColumn: '1 / -1' }}
        label={t(texts.siteField)}
        placeholder={t(texts.chooseSite)}
        description={isKnown && !free.length && !mayAdd ? t(texts.allConnected) : undefined}
        data={[
          ...(mayAdd ? [{ value: NEW, label: t(texts.newSite) }] : []),
          ...free.map((site) => ({ value: String(site.id), label: site.name })),
        ]}
        value={choice}
        onChange={(value) =>
          onChange({ ...place, isNew: value === NEW, siteId: value && value !== NEW ? Number(value) : null })
        }
        error={errors.site}
        searchable={free.length > 8}
        required
      />
      {place.isNew && (
        <>
          <TextInput
            label={t(texts.siteName)}
            value={place.name}
            onChange={(event) => {
              const name = event.currentTarget.value;
              const follows = !place.slug || place.slug === slugOf(place.name);
              onChange({ ...place, name, slug: follows ? slugOf(name) : place.slug });
            }}
            error={errors.name}
            required
          />
          <Select
            label={t(texts.kind)}
            data={KINDS.map((kind) => ({ value: kind, label: t(kinds[kind]) }))}
            value={place.site_type}
            onChange={(value) => onChange({ ...place, site_type: KINDS.find((kind) => kind === value) ?? 'other' })}
            allowDeselect={false}
          />
          <TextInput
            style={{ gridColumn: '1 / -1' }}
            label={t(texts.slug)}
            description={t(texts.slugHelp, { slug: place.slug || '…' })}
            value={place.slug}
            onChange={(event) => onChange({ ...place, slug: event.currentTarget.value })}
            error={errors.slug}
            required
          />
        </>
      )}
    </>
  );
}
