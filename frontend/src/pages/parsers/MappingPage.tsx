/** One mapping: a new one that begins with what a topic said, or one that is there with its versions and test cases. */

import { NativeSelect } from '@mantine/core';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { $api } from '@/api/client';
import { Icon } from '@/components/icons';
import { PageHeader } from '@/components/PageHeader';
import { StatusBadge } from '@/components/StatusBadge';
import { EmptyState, ErrorState, Loading } from '@/components/states';
import { useSites } from '@/hooks/useSites';
import { t } from '@/i18n';
import { useMe } from '@/pages/connections/useMe';
import { Cases } from './Cases';
import type { Definition } from './draft';
import { Editor } from './Editor';
import classes from './Parsers.module.css';
import { parsers as texts } from './strings';
import { Versions } from './Versions';

const route = getRouteApi('/parsers/$id');
const BLANK: Definition = { template: '{site}/', device: '', sensors: [{ key: '', value: '' }] };

export function MappingPage() {
  const { id } = route.useParams();
  return id === 'new' ? <Fresh /> : <Known key={id} id={Number.isSafeInteger(Number(id)) ? Number(id) : 0} />;
}

function Back() {
  const { site } = route.useSearch();
  return (
    <Link to="/parsers" search={{ site }} className={classes.back}>
      <Icon name="left" size={16} /> {t(texts.back)}
    </Link>
  );
}

function PickSite({ site, label }: { site: number | undefined; label: string }) {
  const navigate = route.useNavigate();
  const { sites } = useSites();
  return (
    <NativeSelect
      size="xs"
      aria-label={label}
      value={site ?? ''}
      onChange={(event) =>
        void navigate({ search: (before) => ({ ...before, site: Number(event.target.value) || undefined }) })
      }
      data={[
        ...(site === undefined ? [{ value: '', label: `${label}…` }] : []),
        ...sites.map((one) => ({ value: String(one.id), label: one.name })),
      ]}
    />
  );
}

function Fresh() {
  const { site, topic, template, failure } = route.useSearch();
  const { sites } = useSites();
  const { data: me } = useMe();
  const known = sites.find((one) => one.id === site);
  const start = useSuggestion(site, topic, template);
  return (
    <>
      <Back />
      <PageHeader
        title={t(texts.newMapping)}
        about={start.samples ? t(texts.suggested, { count: start.samples }) : undefined}
      >
        <PickSite site={site} label={t(texts.site)} />
      </PageHeader>
      {site === undefined && (
        <EmptyState title={t(texts.noneWhy)} icon="parsers" action={<PickSite site={site} label={t(texts.site)} />} />
      )}
      {start.error != null && <ErrorState what={t(texts.mapping)} error={start.error} shownFrom={Date.now()} />}
      {site !== undefined && (start.isPending || !known) && <Loading lines={8} height={48} />}
      {known && !start.isPending && (
        <Editor
          key={`${site} ${topic} ${template}`}
          definition={start.definition}
          site={known}
          failure={failure}
          maySeeAll={me?.is_superuser ?? false}
        />
      )}
    </>
  );
}

/** What to begin with: from the samples of a topic where one is named, else nothing. */
function useSuggestion(site: number | undefined, topic: string | undefined, template: string | undefined) {
  const isNamed = site !== undefined && topic !== undefined;
  const found = $api.useQuery(
    'get',
    '/api/v1/discovered-topics/',
    { params: { query: { site, match: topic ?? '', limit: 1 } } },
    { enabled: isNamed },
  );
  const seen = found.data?.items[0];
  const asked = $api.useQuery(
    'get',
    '/api/v1/mappings/suggestion/',
    { params: { query: { discovered_topic: seen?.id ?? 0, template } } },
    { enabled: seen !== undefined, retry: false, staleTime: Number.POSITIVE_INFINITY },
  );
  const blank = topic === undefined ? BLANK : { ...BLANK, template: template ?? topic };
  return {
    definition: asked.data?.definition ?? blank,
    samples: asked.data?.samples ?? 0,
    isPending: isNamed && (found.isPending || (seen !== undefined && asked.isPending)),
    error: found.error ?? asked.error,
  };
}

function Known({ id }: { id: number }) {
  const { site, failure } = route.useSearch();
  const { sites } = useSites();
  const { data: me } = useMe();
  const found = $api.useQuery('get', '/api/v1/mappings/{mapping_id}/', { params: { path: { mapping_id: id } } });
  const [from, setFrom] = useState<{ number: number; definition: Definition } | null>(null);
  const mapping = found.data;
  if (!mapping) {
    if (found.error)
      return <ErrorState isPage what={t(texts.mapping)} error={found.error} onRetry={() => void found.refetch()} />;
    return <Loading lines={8} height={48} />;
  }
  const place = sites.find((one) => one.id === (mapping.site_id ?? site)) ?? sites[0];
  const isActive = mapping.active !== null;
  return (
    <>
      <Back />
      <PageHeader
        title={mapping.name}
        aside={
          <StatusBadge
            word={isActive ? 'live' : 'paused'}
            variant="pill"
            label={isActive ? t(texts.activeVersion, { number: mapping.active ?? 0 }) : t(texts.inactive)}
          />
        }
        about={<span className="mono">{mapping.template}</span>}
      >
        {mapping.site_id === null && <PickSite site={place?.id} label={t(texts.previewOf)} />}
      </PageHeader>
      {found.error != null && (
        <ErrorState what={t(texts.mapping)} error={found.error} shownFrom={found.dataUpdatedAt} />
      )}
      {place && (
        <>
          <Editor
            key={`${mapping.newest} ${place.id} ${from?.number}`}
            mapping={mapping}
            definition={mapping.definition}
            {...(from && { begin: from.definition })}
            site={place}
            failure={failure}
            maySeeAll={me?.is_superuser ?? false}
          />
          <div className={classes.below}>
            <Versions mapping={mapping} site={place} maySeeAll={me?.is_superuser ?? false} onEdit={setFrom} />
            <Cases mapping={mapping} site={place.id} maySeeAll={me?.is_superuser ?? false} />
          </div>
        </>
      )}
    </>
  );
}
