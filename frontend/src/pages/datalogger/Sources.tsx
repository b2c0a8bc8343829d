/** The topics whose messages name the device, and the last of these messages as they came. */

import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { $api } from '@/api/client';
import type { Datalogger } from '@/api/types';
import { Samples } from '@/components/payload/Samples';
import { RelativeTime } from '@/components/RelativeTime';
import { ErrorState, Loading } from '@/components/states';
import { t } from '@/i18n';
import { ReadAgain } from '@/pages/logs/ReadAgain';
import classes from './Datalogger.module.css';
import { datalogger as texts } from './strings';

const TOPICS = 20;

export function Sources({ device }: { device: Datalogger }) {
  const topics = $api.useQuery('get', '/api/v1/discovered-topics/', {
    params: { query: { site: device.site_id, mentions: device.serial, limit: TOPICS, sort: '-last_seen_at' } },
  });
  const [chosen, choose] = useState<number | null>(null);
  const rows = topics.data?.items ?? [];
  const open = rows.find((row) => row.id === chosen) ?? rows[0];
  return (
    <section className={classes.sources} aria-label={t(texts.mqtt)}>
      <h2>{t(texts.mqtt)}</h2>
      {topics.error && (
        <ErrorState what={t(texts.feedsWhat)} error={topics.error} onRetry={() => void topics.refetch()} />
      )}
      {topics.isPending && <Loading lines={2} height={36} />}
      {topics.data && !rows.length && <p className="dimmed">{t(texts.noFeeds)}</p>}
      {open && (
        <div className={classes.feeds}>
          <ul className={classes.topics} aria-label={t(texts.feeds)}>
            {rows.map((row) => (
              <li key={row.id}>
                <button type="button" aria-pressed={row.id === open.id} onClick={() => choose(row.id)}>
                  <span className="mono">{row.topic_path}</span>
                  <span className="dimmed">
                    {row.processor_name ? t(texts.readBy, { parser: row.processor_name }) : t(texts.readByNobody)} ·{' '}
                    <RelativeTime at={row.last_seen_at} />
                  </span>
                </button>
              </li>
            ))}
          </ul>
          <div className={`card ${classes.messages}`}>
            <Link to="/topics" search={{ site: device.site_id, path: open.topic_path }} className={classes.link}>
              {t(texts.openTopic)}
            </Link>
            <Samples topicId={open.id} topic={open.topic_path} siteId={device.site_id} />
            <ReadAgain site={device.site_id} topic={open.topic_path} />
          </div>
        </div>
      )}
    </section>
  );
}
