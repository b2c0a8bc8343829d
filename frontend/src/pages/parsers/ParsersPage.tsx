/** Who can read messages: the mappings that people have made, the parsers installed, and the plugins that are broken. */

import { NativeSelect } from '@mantine/core';
import { getRouteApi, Link } from '@tanstack/react-router';
import { $api } from '@/api/client';
import type { components } from '@/api/schema';
import { shell } from '@/app/strings';
import { type Column, DataTable } from '@/components/DataTable';
import { LinkButton } from '@/components/LinkButton';
import { PageHeader } from '@/components/PageHeader';
import { RelativeTime } from '@/components/RelativeTime';
import { StatusIcon } from '@/components/StatusBadge';
import { EmptyState, ErrorState, Loading } from '@/components/states';
import { useMay } from '@/hooks/useRole';
import { useSites } from '@/hooks/useSites';
import { t } from '@/i18n';
import classes from './Parsers.module.css';
import { parsers as texts } from './strings';

type Mapping = components['schemas']['MappingOut'];
const route = getRouteApi('/parsers');
const SHOWN = 500;

export function ParsersPage() {
  const { site } = route.useSearch();
  const navigate = route.useNavigate();
  const { sites } = useSites();
  const mayMake = useMay('operator', site);
  return (
    <>
      <PageHeader title={t(shell.parsers)}>
        <NativeSelect
          size="xs"
          aria-label={t(texts.site)}
          value={site ?? ''}
          onChange={(event) =>
            void navigate({ search: { site: event.target.value ? Number(event.target.value) : undefined } })
          }
          data={[
            { value: '', label: t(texts.allSites) },
            ...sites.map((one) => ({ value: String(one.id), label: one.name })),
          ]}
        />
        {mayMake && (
          <LinkButton size="xs" to="/parsers/$id" params={{ id: 'new' }} search={{ site }}>
            {t(texts.newMapping)}
          </LinkButton>
        )}
      </PageHeader>
      <section className={classes.part} aria-labelledby="mappings">
        <h2 id="mappings">{t(texts.mappings)}</h2>
        <p className="dimmed">{t(texts.mappingsWhy)}</p>
        <Mappings site={site} />
      </section>
      <Broken />
      <section className={classes.part} aria-labelledby="installed">
        <h2 id="installed">{t(texts.installed)}</h2>
        <p className="dimmed">{t(texts.installedWhy)}</p>
        <Installed />
      </section>
    </>
  );
}

function Mappings({ site }: { site: number | undefined }) {
  const { nameOf } = useSites();
  const found = $api.useQuery('get', '/api/v1/mappings/', { params: { query: { site, limit: SHOWN } } });
  const rows = found.data?.items ?? [];
  if (found.isPending) return <Loading lines={3} height={44} />;
  const place = (row: Mapping) => (row.site_id === null ? t(texts.allSites) : nameOf(row.site_id));
  const columns: Column<Mapping>[] = [
    { id: 'name', header: t(texts.name), width: 220, cell: (row) => <Name row={row} /> },
    { id: 'template', header: t(texts.template), cell: (row) => <span className="mono">{row.template}</span> },
    { id: 'site', header: t(texts.site), width: 190, cell: place },
    { id: 'active', header: t(texts.active), width: 270, cell: (row) => <State row={row} /> },
    {
      id: 'by', header: t(texts.madeBy), width: 190,
      cell: (row) => (
        <>
          {row.created_by ?? '–'} · <RelativeTime at={row.created_at} />
        </>
      ),
    },
  ]; // biome-ignore format: a list
  return (
    <>
      {found.error != null && (
        <ErrorState
          what={t(texts.what)}
          error={found.error}
          onRetry={() => void found.refetch()}
          {...(found.data ? { shownFrom: found.dataUpdatedAt } : {})}
        />
      )}
      {found.data && !rows.length && (
        <EmptyState
          title={t(texts.none)}
          icon="parsers"
          action={
            <LinkButton size="xs" variant="default" to="/topics" search={{ site, view: 'alike' }}>
              {t(texts.toTopics)}
            </LinkButton>
          }
        >
          {t(texts.noneWhy)}
        </EmptyState>
      )}
      {rows.length > 0 && (
        <DataTable
          label={t(texts.mappings)}
          columns={columns}
          count={rows.length}
          rowAt={(index) => rows[index]}
          rowId={(row) => row.id}
          card={(row) => (
            <>
              <Name row={row} />
              <div className="mono dimmed">{row.template}</div>
              <div>
                {place(row)} · <State row={row} />
              </div>
            </>
          )}
        />
      )}
    </>
  );
}

function Name({ row }: { row: Mapping }) {
  return (
    <Link to="/parsers/$id" params={{ id: String(row.id) }} className="row-link">
      {row.name}
    </Link>
  );
}

function State({ row }: { row: Mapping }) {
  return (
    <span className={classes.state}>
      <StatusIcon word={row.active === null ? 'paused' : 'live'} />
      {row.active === null ? t(texts.inactive) : t(texts.activeVersion, { number: row.active })}
      {row.active !== row.newest && ` · ${t(texts.newer, { number: row.newest })}`}
    </span>
  );
}

function Installed() {
  const found = $api.useQuery('get', '/api/v1/parsers/', {}, { staleTime: 300_000 });
  if (found.error && !found.data)
    return <ErrorState what={t(texts.what)} error={found.error} onRetry={() => void found.refetch()} />;
  if (!found.data) return <Loading lines={6} height={44} />;
  return (
    <ol className={classes.installed}>
      {found.data.map((parser) => (
        <li key={parser.name} className="card">
          <div>
            <strong>{parser.name}</strong>{' '}
            <span className="dimmed">
              {t(texts.version)} {parser.version} · {parser.package || t(texts.own)}
            </span>
          </div>
          <p>{parser.about}</p>
          <p className="mono dimmed">{[...parser.patterns, parser.topics].filter(Boolean).join('  ')}</p>
        </li>
      ))}
    </ol>
  );
}

function Broken() {
  const found = $api.useQuery('get', '/api/v1/parsers/broken/');
  if (!found.data?.length) return null;
  return (
    <section className={classes.part} aria-labelledby="broken">
      <h2 id="broken">{t(texts.broken)}</h2>
      <ul className={classes.installed}>
        {found.data.map((one) => (
          <li key={one.entry_point} className="card">
            <strong className="mono">{one.entry_point}</strong> <span className="dimmed">{one.package}</span>
            <p>{one.error}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}
