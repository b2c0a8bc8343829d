/** What is wrong now, or was: what people are told of. */

import { Switch } from '@mantine/core';
import { useState } from 'react';
import { $api } from '@/api/client';
import { RelativeTime } from '@/components/RelativeTime';
import { StatusIcon } from '@/components/StatusBadge';
import { EmptyState, ErrorState, Loading } from '@/components/states';
import { useSites } from '@/hooks/useSites';
import { t } from '@/i18n';
import classes from './Notices.module.css';
import { PROBLEMS, notices as texts } from './strings';

const SHOWN = 200;

export function Incidents({ site }: { site: number | undefined }) {
  const [onlyOpen, setOnlyOpen] = useState(true);
  const { nameOf } = useSites();
  const found = $api.useQuery(
    'get',
    '/api/v1/incidents/',
    { params: { query: { site, ...(onlyOpen && { is_open: true }), limit: SHOWN } } },
    { refetchInterval: 15_000 },
  );
  const rows = found.data?.items;
  return (
    <>
      <Switch
        size="xs"
        mb="md"
        label={t(texts.onlyOpen)}
        checked={onlyOpen}
        onChange={(event) => setOnlyOpen(event.currentTarget.checked)}
      />
      {found.error != null && (
        <ErrorState
          what={t(texts.incidents)}
          error={found.error}
          onRetry={() => void found.refetch()}
          {...(rows ? { shownFrom: found.dataUpdatedAt } : {})}
        />
      )}
      {found.isPending && <Loading lines={3} height={48} />}
      {rows?.length === 0 && <EmptyState title={t(texts.noIncidents)} icon="check" />}
      <ul className={classes.rows} aria-label={t(texts.incidents)}>
        {rows?.map((row) => (
          <li key={row.id} className="card">
            <StatusIcon word={row.ended_at ? 'paused' : row.good_since ? 'late' : 'down'} />
            <div className={classes.words}>
              <strong>{row.label}</strong> <span className="dimmed">{nameOf(row.site_id)}</span>
              <div>{t(PROBLEMS[row.problem])}</div>
              <div className="dimmed">
                {t(texts.since)} <RelativeTime at={row.began_at} />
                {row.ended_at && (
                  <>
                    {' · '}
                    {t(texts.endedAt)} <RelativeTime at={row.ended_at} />
                  </>
                )}
                {!row.ended_at && row.good_since && (
                  <>
                    {' · '}
                    {t(texts.goodSince)} <RelativeTime at={row.good_since} />
                  </>
                )}
                {row.flaps > 0 && ` · ${t(texts.flaps, { count: row.flaps })}`}
              </div>
            </div>
          </li>
        ))}
      </ul>
    </>
  );
}
