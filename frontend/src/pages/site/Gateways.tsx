/** The gateways of a site: whether they speak, what they run, where they are, how loaded they are. */

import { $api } from '@/api/client';
import type { Gateway } from '@/api/types';
import { RelativeTime } from '@/components/RelativeTime';
import { StatusBadge } from '@/components/StatusBadge';
import { Loading } from '@/components/states';
import { t } from '@/i18n';
import { reasons } from '@/i18n/common';
import { Failed } from './Failed';
import classes from './Site.module.css';
import { texts } from './strings';

const SHOWN = 100;

export function Gateways({ id }: { id: number }) {
  const gateways = $api.useQuery('get', '/api/v1/gateways/', { params: { query: { site: id, limit: SHOWN } } });
  return (
    <section className={`card ${classes.panel} ${classes.whole}`}>
      <div className={classes.head}>
        <h2>{t(texts.gateways)}</h2>
        <span className="dimmed">{gateways.data?.count}</span>
      </div>
      <Failed what={t(texts.theGateways)} query={gateways} />
      {!gateways.data && !gateways.error && <Loading lines={2} />}
      {gateways.data?.items.length === 0 && <p className="dimmed">{t(texts.noGateways)}</p>}
      <div className={classes.gateways}>
        {gateways.data?.items.map((gateway) => (
          <Card key={gateway.id} gateway={gateway} />
        ))}
      </div>
    </section>
  );
}

function Card({ gateway }: { gateway: Gateway }) {
  const { metadata, addresses } = gateway;
  const reason = gateway.offline_reason ? t(reasons[gateway.offline_reason]) : undefined;
  const { cpu_load_percent: cpu, ram_used_percent: ram, disk_used_percent: disk } = metadata;
  const facts: [string, string][] = [
    [t(texts.firmware), gateway.firmware],
    [t(texts.address), said(addresses.ip_address) || said(addresses.hostname)],
    [t(texts.uptime), said(metadata.system_uptime)],
    [t(texts.load), cpu === undefined ? '' : t(texts.loadOf, { cpu: said(cpu), ram: said(ram), disk: said(disk) })],
  ];
  return (
    <article className={classes.gateway}>
      <div className={classes.head}>
        <h3>{gateway.serial}</h3>
        <StatusBadge word={gateway.status} title={reason} />
      </div>
      <dl className={classes.list}>
        {facts
          .filter(([, value]) => value)
          .map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        <div>
          <dt>{t(texts.lastSeen)}</dt>
          <dd>
            <RelativeTime at={gateway.last_seen_at} />
          </dd>
        </div>
      </dl>
    </article>
  );
}

/** Gateways say of themselves what they like; only what is plain is shown. */
function said(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value).slice(0, 80) : '';
}
