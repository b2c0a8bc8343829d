/** The four facts of a site, never merged into one light: the wish, the link, the data, and whether it is understood. */

import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { SiteOverview } from '@/api/types';
import { RelativeTime, relative } from '@/components/RelativeTime';
import { StatusBadge } from '@/components/StatusBadge';
import { useNow } from '@/hooks/useNow';
import { t } from '@/i18n';
import { count, pace, span } from '@/i18n/format';
import { WishSwitch } from '@/pages/connections/Wish';
import classes from './Site.module.css';
import { texts } from './strings';
import type { useSite } from './useSite';

type Props = { known: ReturnType<typeof useSite>; onFailure: (words: string | null) => void };

export function Facts({ known, onFailure }: Props) {
  const { seen, connection } = known;
  const row = connection.data;
  const now = useNow();
  if (!seen || !row) return null;
  const since = t(texts.since, { span: span((now - Date.parse(row.status_since)) / 1000) });
  const isRetrying = row.status !== 'connected' && row.mqtt_retry_count > 0;
  return (
    <section className={`card ${classes.facts}`}>
      <Fact name={t(texts.wanted)} about={`${row.broker_host}:${row.broker_port}`}>
        <WishSwitch row={row} site={seen} onFailure={onFailure} />
      </Fact>
      <Fact name={t(texts.link)} about={row.last_error && row.status !== 'connected' ? row.last_error : since}>
        <StatusBadge word={row.status} />
        {isRetrying && row.mqtt_next_retry && (
          <div className={classes.about}>
            {t(texts.attempt, {
              number: row.mqtt_retry_count,
              when: relative(Math.max(now, Date.parse(row.mqtt_next_retry)), now),
            })}
          </div>
        )}
      </Fact>
      <Fact name={t(texts.data)} about={t(texts.expected, { span: pace(seen.interval_s) })}>
        <StatusBadge word={heard(seen)} />
        <div className={classes.about}>
          {t(texts.lastMessage)} <RelativeTime at={row.last_message_at} />
        </div>
      </Fact>
      <Parsing seen={seen} />
    </section>
  );
}

/** Behind a link that is down or switched off nothing can be said of the data. */
function heard(seen: SiteOverview): string {
  return seen.link === 'down' ? 'unknown' : seen.link === 'paused' ? 'paused' : seen.data;
}

function Parsing({ seen }: { seen: SiteOverview }) {
  const total = seen.received.reduce((sum, value) => sum + value, 0);
  if (total === 0)
    return (
      <Fact name={t(texts.parsing)}>
        <StatusBadge word="waiting" label={t(texts.nothingReceived)} />
      </Fact>
    );
  return (
    <Fact name={t(texts.parsing)} about={t(texts.ofHour, { count: count(total) })}>
      {seen.failed === 0 ? (
        <StatusBadge word="live" label={t(texts.understood)} />
      ) : (
        <Link to="/logs/parsing" search={{ site: seen.id }} className="row-link plain">
          <StatusBadge word="late" label={t(texts.failed, { count: count(seen.failed) })} />
        </Link>
      )}
    </Fact>
  );
}

function Fact({ name, about, children }: { name: string; about?: ReactNode; children: ReactNode }) {
  return (
    <div className={classes.fact}>
      <div className={classes.name}>{name}</div>
      <div className={classes.what}>{children}</div>
      {about && <div className={classes.about}>{about}</div>}
    </div>
  );
}
