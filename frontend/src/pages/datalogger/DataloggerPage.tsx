/** One datalogger: who it is, whether it speaks and if not why, what it read last, its history, and what it sends. */

import { getRouteApi, Link } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { $api } from '@/api/client';
import { expectedEvery } from '@/api/interval';
import type { Datalogger } from '@/api/types';
import { PageHeader } from '@/components/PageHeader';
import { RelativeTime } from '@/components/RelativeTime';
import { isStatusWord, StatusBadge, StatusIcon } from '@/components/StatusBadge';
import { EmptyState, ErrorState, Loading, StaleBar } from '@/components/states';
import { useNow } from '@/hooks/useNow';
import { usePhone } from '@/hooks/usePhone';
import { t } from '@/i18n';
import { words } from '@/i18n/common';
import { Availability } from './Availability';
import classes from './Datalogger.module.css';
import { reasonOf } from './freshness';
import { History } from './History';
import { Identity } from './Identity';
import { LastWords } from './LastWords';
import { pickedOf } from './ranges';
import { Sources } from './Sources';
import { datalogger as texts } from './strings';
import { Tiles } from './Tiles';

const Commands = lazy(() => import('./Commands'));
const route = getRouteApi('/dataloggers/$id');
const SENSORS = 200;

export function DataloggerPage() {
  const id = Number(route.useParams().id);
  const device = $api.useQuery('get', '/api/v1/dataloggers/{datalogger_id}/', {
    params: { path: { datalogger_id: Number.isSafeInteger(id) ? id : 0 } },
  });
  if (device.data) return <Known device={device.data} error={device.error} readAt={device.dataUpdatedAt} />;
  if (device.error)
    return <ErrorState isPage what={t(texts.what)} error={device.error} onRetry={() => void device.refetch()} />;
  return <Loading lines={6} height={72} />;
}

type KnownProps = { device: Datalogger; error: unknown; readAt: number };

function Known({ device, error, readAt }: KnownProps) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const sensors = $api.useQuery('get', '/api/v1/sensors/', {
    params: { query: { datalogger: device.id, limit: SENSORS } },
  });
  const site = $api.useQuery('get', '/api/v1/sites/{site_id}/', { params: { path: { site_id: device.site_id } } });
  const rows = sensors.data?.items ?? [];
  const isPhone = usePhone();
  const wanted = pickedOf(
    search.show,
    rows.filter((row) => row.latest_time !== null).map((row) => row.id),
  );
  const picked = isPhone ? wanted.slice(0, 1) : wanted; // a second chart would be out of sight there

  function toggle(sensorId: number): void {
    const others = picked.filter((one) => one !== sensorId);
    const next = others.length < picked.length ? others : isPhone ? [sensorId] : [...picked, sensorId];
    void navigate({ search: (before) => ({ ...before, show: next.join(',') || 0 }), replace: true });
  }

  return (
    <>
      <Head device={device} siteName={site.data?.name} />
      {device.status === 'offline' && <LastWords device={device} />}
      <Availability id={device.id} />
      {error != null && <ErrorState what={t(texts.what)} error={error} shownFrom={readAt} />}
      {sensors.error && (
        <ErrorState
          what={t(texts.sensors)}
          error={sensors.error}
          onRetry={() => void sensors.refetch()}
          {...(sensors.data ? { shownFrom: sensors.dataUpdatedAt } : {})}
        />
      )}
      {sensors.isPending && <Loading lines={2} height={96} />}
      {sensors.data && !rows.length && <EmptyState title={t(texts.noValues)}>{t(texts.noValuesWhy)}</EmptyState>}
      {rows.length > 0 && (
        <>
          <Tiles rows={rows} intervalS={device.expected_interval_s} picked={picked} onToggle={toggle} />
          <History device={device} sensors={rows.filter((row) => picked.includes(row.id))} zone={site.data?.timezone} />
        </>
      )}
      <Sources device={device} />
      <Identity id={device.id} />
      {site.data && (
        <Suspense fallback={<Loading lines={2} />}>
          <Commands device={device} slug={site.data.slug} />
        </Suspense>
      )}
    </>
  );
}

function Head({ device, siteName }: { device: Datalogger; siteName: string | undefined }) {
  const now = useNow();
  const link = $api.useQuery('get', '/api/v1/mqtt/site/{site_id}/status/', {
    params: { path: { site_id: device.site_id } },
  });
  const gateway = $api.useQuery(
    'get',
    '/api/v1/gateways/{gateway_id}/',
    { params: { path: { gateway_id: device.gateway_id ?? 0 } } },
    { enabled: device.gateway_id !== null },
  );
  const reason = reasonOf(device, { gateway: gateway.data, link: link.data }, now);
  const word = isStatusWord(device.status) ? t(words[device.status]) : device.status;
  return (
    <>
      <PageHeader
        title={device.name || device.serial}
        aside={<StatusBadge word={device.status} variant="pill" />}
        about={
          <>
            <Link to="/sites/$id" params={{ id: String(device.site_id) }} className={classes.link}>
              {siteName ?? `#${device.site_id}`}
            </Link>
            {[device.name && device.serial, ...device.tags].filter(Boolean).map((word) => ` · ${word}`)}
          </>
        }
      />
      {reason && <StaleBar>{reason}</StaleBar>}
      <dl className={`card ${classes.facts}`}>
        <Fact name={t(texts.lastSeen)}>
          <RelativeTime at={device.last_seen_at} />
        </Fact>
        <Fact name={t(texts.since, { word })}>
          <RelativeTime at={device.status_since} />
        </Fact>
        <Fact name={t(texts.interval)}>{expectedEvery(device)}</Fact>
        <Fact name={t(texts.link)}>{link.data ? <StatusBadge word={link.data.status} /> : '–'}</Fact>
        <Fact name={t(texts.gateway)}>
          {gateway.data ? (
            <span className={classes.gateway}>
              <StatusIcon word={gateway.data.status} /> {gateway.data.serial}
            </span>
          ) : device.gateway_id === null ? (
            t(texts.noGateway)
          ) : (
            '–'
          )}
        </Fact>
        <Fact name={t(texts.kind)}>{device.kind || t(texts.notSaid)}</Fact>
        <Fact name={t(texts.firmware)}>{device.firmware || t(texts.notSaid)}</Fact>
        <Fact name={t(texts.firstSeen)}>
          <RelativeTime at={device.first_seen_at} />
        </Fact>
        {Object.entries(device.metadata).map(([key, value]) => (
          <Fact key={key} name={key}>
            <span className="mono">{typeof value === 'string' ? value : JSON.stringify(value)}</span>
          </Fact>
        ))}
      </dl>
    </>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div className={classes.fact}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
