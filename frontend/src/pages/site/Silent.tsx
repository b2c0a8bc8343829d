/** The devices of a site that should speak and do not, longest first, each with the way to its last words. */

import { Link } from '@tanstack/react-router';
import { $api } from '@/api/client';
import { RelativeTime } from '@/components/RelativeTime';
import { StatusBadge, StatusIcon } from '@/components/StatusBadge';
import { Loading } from '@/components/states';
import { t } from '@/i18n';
import { reasons } from '@/i18n/common';
import { pace } from '@/i18n/format';
import { Failed } from './Failed';
import classes from './Site.module.css';
import { texts } from './strings';

const SHOWN = 8;

export function Silent({ id }: { id: number }) {
  const query = { site: id, status: 'offline' as const, sort: 'status_since' as const, limit: SHOWN };
  const devices = $api.useQuery('get', '/api/v1/dataloggers/', { params: { query } }, { refetchInterval: 60_000 });
  const rows = devices.data?.items.filter((row) => row.status === 'offline') ?? [];
  return (
    <section className={`card ${classes.panel}`}>
      <div className={classes.head}>
        <h2>{t(texts.silent)}</h2>
        <span className="dimmed">{devices.data?.count || ''}</span>
      </div>
      <Failed what={t(texts.silent)} query={devices} />
      {!devices.data && !devices.error && <Loading lines={3} />}
      {devices.data && rows.length === 0 && <StatusBadge word="live" label={t(texts.noneSilent)} />}
      <ul className={classes.silent}>
        {rows.map((row) => (
          <li key={row.id}>
            <StatusIcon word="offline" />
            <div>
              <Link to="/dataloggers/$id" params={{ id: String(row.id) }} className="row-link">
                {row.serial}
              </Link>
              <div className={classes.about}>
                {row.offline_reason && t(reasons[row.offline_reason])}
                {` · ${t(texts.expectedEvery, { span: pace(row.expected_interval_s) })}`}
              </div>
            </div>
            <span className={classes.about}>
              <RelativeTime at={row.last_seen_at ?? row.status_since} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
