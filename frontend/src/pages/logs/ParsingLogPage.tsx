/** What could not be read, by kind: what keeps failing, where, since when, and whether somebody has dealt with it. */

import { Button, Group, SegmentedControl } from '@mantine/core';
import { keepPreviousData } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { $api } from '@/api/client';
import type { components } from '@/api/schema';
import { type Column, DataTable } from '@/components/DataTable';
import { RelativeTime } from '@/components/RelativeTime';
import { EmptyState, ErrorState, Loading } from '@/components/states';
import { t } from '@/i18n';
import { common } from '@/i18n/common';
import { count } from '@/i18n/format';
import { serverNow } from '@/live/clock';
import { Again } from './Again';
import { KindPane } from './KindPane';
import classes from './Logs.module.css';
import { LogTabs, useSiteName } from './LogTabs';
import { STATES } from './search';
import { logs as texts } from './strings';

export type Kind = components['schemas']['GroupOut'];

const route = getRouteApi('/logs/parsing');
const KINDS = 500;
const WORDS = { open: texts.open, resolved: texts.resolved, ignored: texts.ignored };

export function ParsingLogPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change = (next: Partial<typeof search>, replace = true) =>
    void navigate({ search: (before) => ({ ...before, ...next }), replace });
  return (
    <>
      <LogTabs site={search.site} onSite={(site) => change({ site })} />
      {search.kind ? (
        <KindPane fingerprint={search.kind} />
      ) : (
        <>
          <Group gap={8} mb={12}>
            <SegmentedControl
              size="xs"
              aria-label={t(texts.state)}
              value={search.state ?? ''}
              onChange={(state) => change({ state: STATES.find((one) => one === state) })}
              data={[
                { value: '', label: t(texts.allStates) },
                ...STATES.map((value) => ({ value, label: t(WORDS[value]) })),
              ]}
            />
            {search.again === undefined && (
              <Button size="xs" variant="default" onClick={() => change({ again: '#' }, false)}>
                {t(texts.openAgain)}
              </Button>
            )}
          </Group>
          {search.again !== undefined && <Again />}
          <Kinds />
        </>
      )}
    </>
  );
}

function Kinds() {
  const { site, state, sort = '-last_seen_at' } = route.useSearch();
  const navigate = route.useNavigate();
  const nameOf = useSiteName();
  const found = $api.useQuery(
    'get',
    '/api/v1/parsing-groups/',
    { params: { query: { site, state, sort, limit: KINDS } } },
    { placeholderData: keepPreviousData },
  );
  const rows = found.data?.items ?? [];
  const open = (row: Kind) => void navigate({ search: (before) => ({ ...before, kind: row.fingerprint }) });
  const columns: Column<Kind>[] = [
    { id: 'kind', header: t(texts.reason), cell: (row) => <KindName row={row} onOpen={() => open(row)} /> },
    { id: 'parser', header: t(texts.parser), width: 230, cell: (row) => row.parser_name || t(texts.noParser) },
    { id: 'sites', header: t(texts.sites), width: 190, cell: (row) => row.sites.map(nameOf).join(', ') },
    { id: 'count', header: t(texts.count), sort: 'count', width: 100, align: 'right', cell: (row) => count(row.count) },
    {
      id: 'first',
      header: t(texts.first),
      sort: 'first_seen_at',
      width: 130,
      cell: (row) => <RelativeTime at={row.first_seen_at} />,
    },
    {
      id: 'last',
      header: t(texts.last),
      sort: 'last_seen_at',
      width: 130,
      cell: (row) => <RelativeTime at={row.last_seen_at} />,
    },
    { id: 'state', header: t(texts.state), width: 110, cell: (row) => t(WORDS[row.state]) },
  ];
  if (found.isPending) return <Loading lines={6} height={52} />;
  return (
    <>
      {found.error != null && (
        <ErrorState
          what={t(texts.kinds)}
          error={found.error}
          onRetry={() => void found.refetch()}
          {...(found.data ? { shownFrom: found.dataUpdatedAt } : {})}
        />
      )}
      {found.data && !rows.length && (state || site !== undefined ? <NoneMatch /> : <NoFailures />)}
      {rows.length > 0 && (
        <DataTable
          label={t(texts.kinds)}
          columns={columns}
          count={rows.length}
          rowAt={(index) => rows[index]}
          rowId={(row) => row.fingerprint}
          rowHeight={54}
          cardHeight={120}
          sort={sort}
          onSort={(next) =>
            void navigate({ search: (before) => ({ ...before, sort: next as typeof sort }), replace: true })
          }
          onOpen={open}
          rowProps={(row) => ({ 'data-muted': row.state !== 'open' || undefined })}
          card={(row) => (
            <>
              <KindName row={row} onOpen={() => open(row)} />
              <div className="dimmed">
                {count(row.count)} · {row.sites.map(nameOf).join(', ')} · {t(WORDS[row.state])} ·{' '}
                <RelativeTime at={row.last_seen_at} />
              </div>
            </>
          )}
        />
      )}
    </>
  );
}

function KindName({ row, onOpen }: { row: Kind; onOpen: () => void }) {
  return (
    <button type="button" className={classes.kind} onClick={onOpen}>
      <strong>{row.error_type}</strong>
      <span className="mono dimmed">{row.path || t(texts.whole)}</span>
    </button>
  );
}

function NoneMatch() {
  const navigate = route.useNavigate();
  return (
    <EmptyState
      title={t(texts.noneMatch)}
      icon="filter"
      action={
        <Button size="xs" variant="default" onClick={() => void navigate({ search: {}, replace: true })}>
          {t(common.clear)}
        </Button>
      }
    />
  );
}

/** Proof, not void: how much was understood meanwhile. */
function NoFailures() {
  const hour = Math.floor(serverNow() / 3_600_000) * 3_600_000;
  const ledger = $api.useQuery('get', '/api/v1/mqtt/ledger/', {
    params: { query: { from: new Date(hour - 86_400_000).toISOString() } },
  });
  const stored = ledger.data?.reduce((sum, row) => sum + row.stored, 0);
  return (
    <EmptyState title={t(texts.none)} icon="check">
      {t(texts.noneWhy)} {stored !== undefined && t(texts.noneSpan, { messages: count(stored) })}
    </EmptyState>
  );
}
