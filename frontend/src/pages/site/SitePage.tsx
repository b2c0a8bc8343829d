/** One site: what is wanted of it, whether it is linked, whether it speaks, whether it is understood; and all it has. */

import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import type { Site } from '@/api/types';
import { PageHeader } from '@/components/PageHeader';
import { StatusBadge } from '@/components/StatusBadge';
import { ErrorState, Loading } from '@/components/states';
import { t } from '@/i18n';
import { facts } from '@/pages/overview/SiteCards';
import { types } from '@/pages/overview/strings';
import { DeviceList } from '@/plugins/devices/DeviceList';
import { MqttState } from '@/plugins/devices/MqttState';
import { Refused, ShieldMenu } from '@/plugins/devices/ShieldMenu';
import { Facts } from './Facts';
import classes from './Site.module.css';
import { Summary } from './Summary';
import type { SiteSearch, Tab } from './search';
import { texts } from './strings';
import { useSite } from './useSite';

const Settings = lazy(() => import('./Settings'));

export function SitePage() {
  const id = Number(useParams({ from: '/sites/$id' }).id);
  return <Known key={id} id={Number.isSafeInteger(id) ? id : 0} />;
}

function Known({ id }: { id: number }) {
  const known = useSite(id);
  const search = useSearch({ from: '/sites/$id' });
  const navigate = useNavigate({ from: '/sites/$id' });
  const [failure, setFailure] = useState<string | null>(null);
  const { site, seen, connection } = known;
  if (!site.data) {
    if (site.error)
      return <ErrorState what={t(texts.theSite)} error={site.error} onRetry={() => void site.refetch()} />;
    return <Loading lines={6} height={84} />;
  }
  const tab = search.tab ?? 'summary';
  const change = (next: SiteSearch) =>
    void navigate({ search: (now) => ({ ...now, ...next }), replace: next.look === undefined, resetScroll: false });
  return (
    <>
      <PageHeader
        title={site.data.name}
        aside={seen && <StatusBadge word={seen.word} variant="pill" title={facts(seen)} />}
        about={<About site={site.data} />}
      >
        {connection.data && (
          <>
            <MqttState row={connection.data} onFailure={setFailure} />
            <ShieldMenu row={connection.data} onFailure={setFailure} />
          </>
        )}
      </PageHeader>
      <Refused why={failure} />
      {site.error && <ErrorState what={t(texts.theSite)} error={site.error} shownFrom={site.dataUpdatedAt} />}
      <Facts known={known} onFailure={setFailure} />
      <Parts id={id} tab={tab} />
      {tab === 'summary' && <Summary id={id} site={site.data} known={known} />}
      {tab === 'devices' && <DeviceList search={search} onChange={change} siteId={id} />}
      {tab === 'settings' && (
        <Suspense fallback={<Loading />}>
          <Settings site={site.data} />
        </Suspense>
      )}
    </>
  );
}

function About({ site }: { site: Site }) {
  const type = t(types[site.site_type as keyof typeof types]);
  return <>{[type, site.location, site.timezone].filter(Boolean).join(' · ')}</>;
}

/** The parts of a site are addresses; topics and logs are pages of their own, shown for this site. */
function Parts({ id, tab }: { id: number; tab: Tab }) {
  const part = (name: Tab, children: ReactNode) => (
    <Link
      to="/sites/$id"
      params={{ id: String(id) }}
      search={{ tab: name === 'summary' ? undefined : name }}
      className={classes.part}
      data-current={tab === name || undefined}
      aria-current={tab === name ? 'page' : undefined}
      resetScroll={false}
      activeOptions={{ exact: true, includeSearch: true }}
    >
      {children}
    </Link>
  );
  return (
    <nav aria-label={t(texts.parts)} className={classes.parts}>
      {part('summary', t(texts.summary))}
      {part('devices', t(texts.devices))}
      <Link to="/topics" search={{ site: id }} className={classes.part}>
        {t(texts.topics)}
      </Link>
      <Link to="/logs/connection" search={{ site: id }} className={classes.part}>
        {t(texts.logs)}
      </Link>
      {part('settings', t(texts.settings))}
    </nav>
  );
}
