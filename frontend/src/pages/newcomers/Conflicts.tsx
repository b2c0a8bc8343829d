/** Serials that came up at a site though another one knows them. */

import { Button } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { $api } from '@/api/client';
import type { components } from '@/api/schema';
import { RelativeTime } from '@/components/RelativeTime';
import { StatusIcon } from '@/components/StatusBadge';
import { ErrorState, Loading } from '@/components/states';
import { useMay } from '@/hooks/useRole';
import { useSites } from '@/hooks/useSites';
import { t } from '@/i18n';
import classes from './Newcomers.module.css';
import { newcomers as texts } from './strings';

type Conflict = components['schemas']['ConflictOut'];
const CONFLICTS = '/api/v1/serial-conflicts/';

export function Conflicts({ site }: { site: number | undefined }) {
  const found = $api.useQuery('get', CONFLICTS, { params: { query: { site, limit: 200 } } });
  const rows = found.data?.items;
  return (
    <section className={`card ${classes.panel}`} aria-labelledby="conflicts">
      <h2 id="conflicts">{t(texts.conflicts)}</h2>
      <p className="dimmed">{t(texts.conflictsWhy)}</p>
      {found.error != null && (
        <ErrorState
          what={t(texts.conflicts)}
          error={found.error}
          onRetry={() => void found.refetch()}
          {...(rows ? { shownFrom: found.dataUpdatedAt } : {})}
        />
      )}
      {found.isPending && <Loading lines={2} height={34} />}
      {rows?.length === 0 && <p>{t(texts.noConflicts)}</p>}
      <ul className={classes.rows}>
        {rows?.map((row) => (
          <Row key={row.id} row={row} />
        ))}
      </ul>
    </section>
  );
}

function Row({ row }: { row: Conflict }) {
  const client = useQueryClient();
  const { nameOf } = useSites();
  const mayOperate = useMay('operator', row.site_id);
  const settle = $api.useMutation('post', '/api/v1/serial-conflicts/{conflict_id}/acknowledge/', {
    onSuccess: () => void client.invalidateQueries({ queryKey: ['get', CONFLICTS] }),
  });
  const there = row.other_site_id === null ? t(texts.hidden) : nameOf(row.other_site_id);
  return (
    <li>
      <StatusIcon word={row.acknowledged_at ? 'paused' : 'late'} />
      <div className={classes.who}>
        {t(texts.atBoth, { serial: row.serial, here: nameOf(row.site_id), there })}{' '}
        <span className="dimmed">
          {row.role} · <RelativeTime at={row.found_at} />
        </span>
        {settle.error != null && <div role="alert">{settle.error instanceof Error ? settle.error.message : ''}</div>}
      </div>
      {row.acknowledged_at ? (
        <span className="dimmed">
          {t(texts.acknowledged)} <RelativeTime at={row.acknowledged_at} />
        </span>
      ) : (
        mayOperate && (
          <Button
            size="compact-xs"
            variant="default"
            loading={settle.isPending}
            onClick={() => settle.mutate({ params: { path: { conflict_id: row.id } } })}
          >
            {t(texts.acknowledge)}
          </Button>
        )
      )}
    </li>
  );
}
