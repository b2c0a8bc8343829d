/** The rest of what is known of a connection. */

import type { ReactNode } from 'react';
import type { ConnectionStatus, SiteOverview } from '@/api/types';
import { RelativeTime } from '@/components/RelativeTime';
import { useNow } from '@/hooks/useNow';
import { t } from '@/i18n';
import { span } from '@/i18n/format';
import classes from './Connections.module.css';
import { texts } from './texts';
import { devicesOf } from './useConnections';

export function ConnectionDetails({ row, site }: { row: ConnectionStatus; site: SiteOverview | undefined }) {
  const devices = devicesOf(site);
  return (
    <dl className={classes.details}>
      <Fact name={t(texts.clientId)}>
        <span className="mono">{row.client_id}</span>
      </Fact>
      <Fact name={t(texts.subscriptions)}>
        {row.subscribed.length
          ? row.subscribed.map((filter) => (
              <span key={filter} className="mono">
                {filter}{' '}
              </span>
            ))
          : t(texts.noSubscriptions)}
      </Fact>
      <Fact name={t(texts.listener)}>{row.listener ?? t(texts.nobody)}</Fact>
      <Fact name={t(texts.lastConnected)}>
        <RelativeTime at={row.last_connected_at} />
      </Fact>
      {devices && (
        <Fact name={t(texts.devices)}>{t(texts.devicesOnline, { online: devices.online, all: devices.all })}</Fact>
      )}
      <Discovery until={row.discover_until} />
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Discovery({ until }: { until: string | null }) {
  const now = useNow();
  const left = until ? (Date.parse(until) - now) / 1000 : 0;
  if (left <= 0) return null;
  return <Fact name={t(texts.topics)}>{t(texts.discovering, { span: span(left) })}</Fact>;
}
