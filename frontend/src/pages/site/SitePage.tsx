/** One site: what is wanted of it, whether it is linked, whether it speaks, whether it is understood; and all it has. */

import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
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
import { Parts } from './Parts';
import { Summary } from './Summary';
import type { SiteSearch } from './search';
import { texts } from './strings';
import { useSite } from './useSite';

const Settings = lazy(() => import('./Settings'));
const Quiet = lazy(() => import('@/components/quiet/Quiet'));

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
      return <ErrorState isPage what={t(texts.theSite)} error={site.error} onRetry={() => void site.refetch()} />;
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
      {tab === 'summary' && seen && seen.word !== 'live' && (
        <Suspense fallback={null}>
          <Quiet id={id} />
        </Suspense>
      )}
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
