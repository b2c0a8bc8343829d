/** A site in one look: its telling value over a day, its messages by hour, its gateways, and who is silent. */

import { lazy, Suspense } from 'react';
import type { Site } from '@/api/types';
import { LinkButton } from '@/components/LinkButton';
import { EmptyState, Loading } from '@/components/states';
import { useMay } from '@/hooks/useRole';
import { t } from '@/i18n';
import { shortMoment } from '@/i18n/format';
import { Day } from './Day';
import { Fortnight } from './Fortnight';
import { Gateways } from './Gateways';
import { Silent } from './Silent';
import classes from './Site.module.css';
import { texts } from './strings';
import type { useSite } from './useSite';

const Curve = lazy(() => import('./Curve'));
const Motion = lazy(() => import('./Motion'));
const Place = lazy(() => import('./Place'));

type Props = { id: number; site: Site; known: ReturnType<typeof useSite> };

export function Summary({ id, site, known }: Props) {
  const { seen, connection, hasNone } = known;
  if (hasNone) return <NoConnection id={id} />;
  const isMute = seen?.link === 'live' && (seen.data === 'waiting' || seen.data === 'quiet');
  return (
    <>
      {isMute && connection.data && (
        <Mute
          id={id}
          topics={connection.data.subscribed}
          since={seen.data === 'quiet' ? connection.data.last_message_at : null}
        />
      )}
      <div className={classes.summary}>
        <Suspense fallback={<Loading lines={1} height={300} />}>
          <Curve id={id} site={site} seen={seen} />
        </Suspense>
        <div className={classes.side}>
          <Silent id={id} />
          <Fortnight id={id} />
          {seen && site.latitude !== null && (
            <Suspense fallback={null}>
              <Place site={site} seen={seen} />
            </Suspense>
          )}
        </div>
        <Day id={id} />
        {site.site_type !== 'plant' && (
          <Suspense fallback={null}>
            <Motion id={id} />
          </Suspense>
        )}
        <Gateways id={id} />
      </div>
    </>
  );
}

function Mute({ id, topics, since }: { id: number; topics: string[]; since: string | null }) {
  return (
    <div className={`card ${classes.mute}`}>
      <EmptyState
        title={since ? t(texts.nothingSince, { time: shortMoment(since) }) : t(texts.nothingYet)}
        action={
          <LinkButton to="/topics" search={{ site: id }} variant="default">
            {t(texts.seeRaw)}
          </LinkButton>
        }
      >
        {t(texts.nothingYetWhy, { topics: topics.join(', ') || t(texts.notSubscribed) })}
      </EmptyState>
    </div>
  );
}

function NoConnection({ id }: { id: number }) {
  const mayConnect = useMay('admin', id);
  return (
    <EmptyState
      title={t(texts.noConnection)}
      icon="connections"
      action={
        mayConnect && (
          <LinkButton to="/connections" search={{ add: true, site: id }}>
            {t(texts.connect)}
          </LinkButton>
        )
      }
    >
      {t(mayConnect ? texts.noConnectionWhy : texts.noConnectionViewer)}
    </EmptyState>
  );
}
