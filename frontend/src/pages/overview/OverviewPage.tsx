/** All sites at a glance: what needs attention first, then each site. */

import { Button, Skeleton } from '@mantine/core';
import { keepPreviousData } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useMemo, useState } from 'react';
import { $api } from '@/api/client';
import type { Overview } from '@/api/types';
import { shell } from '@/app/strings';
import { Icon } from '@/components/icons';
import { PageHeader } from '@/components/PageHeader';
import { EmptyState, ErrorState, Loading } from '@/components/states';
import { usePhone } from '@/hooks/usePhone';
import { useStableOrder } from '@/hooks/useStableOrder';
import { useTurns } from '@/hooks/useTurns';
import { t } from '@/i18n';
import { common } from '@/i18n/common';
import { Attention } from './Attention';
import { Filters } from './Filters';
import { NoSites } from './NoSites';
import classes from './OverviewPage.module.css';
import { SiteCards } from './SiteCards';
import type { OverviewSearch } from './search';
import { chosen, ordered } from './sites';
import { texts } from './strings';
import { Tiles } from './Tiles';
import { useAttention } from './useAttention';

const SiteTable = lazy(() => import('./SiteTable'));
const SiteMap = lazy(() => import('./SiteMap'));
const AddSite = lazy(() => import('./AddSite'));

const MINUTES = 60;
/** More sites than that are read better in a table. */
const CARDS = 24;

export function OverviewPage() {
  const query = { params: { query: { minutes: MINUTES } } };
  const overview = $api.useQuery('get', '/api/v1/overview/', query, {
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
  });
  const me = $api.useQuery('get', '/api/v1/me/');
  const [isAdding, setAdding] = useState(false);
  const mayAdd = me.data?.may_add_sites ?? false;
  const data = overview.data;
  useTurns(data);
  return (
    <>
      <PageHeader title={t(shell.overview)} about={data && t(texts.about, { count: data.sites.length })}>
        {mayAdd && (
          <Button variant="default" leftSection={<Icon name="plus" size={15} />} onClick={() => setAdding(true)}>
            {t(texts.addSite)}
          </Button>
        )}
      </PageHeader>
      {overview.error && (
        <ErrorState
          what={t(texts.theOverview)}
          error={overview.error}
          onRetry={() => void overview.refetch()}
          {...(data ? { shownFrom: overview.dataUpdatedAt } : {})}
        />
      )}
      {data && data.sites.length === 0 && <NoSites mayAdd={mayAdd} onAdd={() => setAdding(true)} />}
      {data && data.sites.length > 0 && <Everything overview={data} />}
      {!data && !overview.error && <Skeletons />}
      {isAdding && (
        <Suspense>
          <AddSite onClose={() => setAdding(false)} />
        </Suspense>
      )}
    </>
  );
}

function Everything({ overview }: { overview: Overview }) {
  const search = useSearch({ from: '/' });
  const navigate = useNavigate({ from: '/' });
  const isPhone = usePhone();
  const needy = useAttention(overview);
  const wished = search.view ?? (overview.sites.length > CARDS ? 'table' : 'cards');
  const view = isPhone && wished === 'table' ? 'cards' : wished;
  const wanted = useMemo(() => ordered(chosen(overview.sites, search), search.sort), [overview.sites, search]);
  const byId = useMemo(() => new Map(overview.sites.map((site) => [site.id, site])), [overview.sites]);
  const { order, changes, resort, hold } = useStableOrder(wanted.map((site) => site.id));
  const sites = order.flatMap((id) => byId.get(id) ?? []);
  const change = (next: OverviewSearch) =>
    void navigate({ search: (now) => ({ ...now, ...next }), replace: true, resetScroll: false });
  return (
    <>
      <Tiles overview={overview} />
      <Attention {...needy} />
      <div className={classes.head}>
        <h2 className={classes.title}>{t(texts.sites)}</h2>
        {changes > 0 && (
          <Button size="compact-xs" variant="light" onClick={resort}>
            {t(texts.resort, { count: changes })}
          </Button>
        )}
      </div>
      <Filters overview={overview} search={search} view={view} onChange={change} />
      <div {...hold}>
        {sites.length === 0 ? (
          <EmptyState
            title={t(texts.noMatch)}
            icon="search"
            action={
              <Button variant="default" onClick={() => change({ word: undefined, search: undefined })}>
                {t(common.clear)}
              </Button>
            }
          >
            {t(texts.noMatchWhy)}
          </EmptyState>
        ) : view === 'table' ? (
          <Suspense fallback={<Loading />}>
            <SiteTable sites={sites} sort={search.sort ?? 'worst'} onSort={(sort) => change({ sort })} />
          </Suspense>
        ) : view === 'map' ? (
          <Suspense fallback={<Loading />}>
            <SiteMap sites={sites} />
          </Suspense>
        ) : (
          <SiteCards sites={sites} />
        )}
      </div>
    </>
  );
}

function Skeletons() {
  return (
    <Loading>
      <Skeleton height={112} radius="md" mb={16} />
      <Skeleton height={150} radius="md" mb={28} />
      <div className={classes.skeletons}>
        {['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name) => (
          <Skeleton key={name} height={196} radius="md" />
        ))}
      </div>
    </Loading>
  );
}
