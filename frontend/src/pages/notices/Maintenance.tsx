/** Times in which nothing is told of a site, because somebody works there. */

import { Button, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { $api } from '@/api/client';
import { Problem } from '@/api/problem';
import { StatusIcon } from '@/components/StatusBadge';
import { EmptyState, ErrorState, Loading } from '@/components/states';
import { useNow } from '@/hooks/useNow';
import { useMay } from '@/hooks/useRole';
import { useSites } from '@/hooks/useSites';
import { t } from '@/i18n';
import { shortMoment } from '@/i18n/format';
import { serverNow } from '@/live/clock';
import classes from './Notices.module.css';
import { notices as texts } from './strings';

const MAINTENANCES = '/api/v1/maintenances/';
const TWO_HOURS_MS = 7_200_000;

export function Maintenance({ site }: { site: number | undefined }) {
  const found = $api.useQuery('get', MAINTENANCES, { params: { query: { site, limit: 200 } } });
  const mayPlan = useMay('operator', site);
  const rows = found.data?.items;
  return (
    <>
      <p className="dimmed">{t(texts.maintenanceWhy)}</p>
      {mayPlan && (site === undefined ? <p>{t(texts.pickSite)}</p> : <Plan key={site} site={site} />)}
      {found.error != null && (
        <ErrorState
          what={t(texts.maintenance)}
          error={found.error}
          onRetry={() => void found.refetch()}
          {...(rows ? { shownFrom: found.dataUpdatedAt } : {})}
        />
      )}
      {found.isPending && <Loading lines={2} height={48} />}
      {rows?.length === 0 && <EmptyState title={t(texts.noMaintenance)} icon="clock" />}
      <ul className={classes.rows} aria-label={t(texts.maintenance)}>
        {rows?.map((row) => (
          <Row key={row.id} row={row} />
        ))}
      </ul>
    </>
  );
}

type Planned = { id: number; site_id: number; starts_at: string; ends_at: string; reason: string };

function Row({ row }: { row: Planned }) {
  const client = useQueryClient();
  const { nameOf } = useSites();
  const now = useNow();
  const mayPlan = useMay('operator', row.site_id);
  const drop = $api.useMutation('delete', '/api/v1/maintenances/{maintenance_id}/', {
    onSuccess: () => void client.invalidateQueries({ queryKey: ['get', MAINTENANCES] }),
  });
  const isOver = Date.parse(row.ends_at) < now;
  const isNow = !isOver && Date.parse(row.starts_at) <= now;
  return (
    <li className="card">
      <StatusIcon word={isNow ? 'applying' : isOver ? 'paused' : 'waiting'} />
      <div className={classes.words}>
        <strong>{nameOf(row.site_id)}</strong>{' '}
        <span className="dimmed">{t(isNow ? texts.now : isOver ? texts.over : texts.later)}</span>
        <div>
          {shortMoment(row.starts_at)} – {shortMoment(row.ends_at)}
          {row.reason && ` · ${row.reason}`}
        </div>
        {drop.error != null && <div role="alert">{drop.error instanceof Error ? drop.error.message : ''}</div>}
      </div>
      {mayPlan && (
        <Button
          size="xs"
          variant="default"
          loading={drop.isPending}
          onClick={() => drop.mutate({ params: { path: { maintenance_id: row.id } } })}
        >
          {t(texts.endNow)}
        </Button>
      )}
    </li>
  );
}

/** A moment as the browser's own field has it: local, to the minute. */
export function localOf(ms: number): string {
  const local = new Date(ms - new Date(ms).getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}

function Plan({ site }: { site: number }) {
  const client = useQueryClient();
  const [starts, setStarts] = useState(() => localOf(serverNow()));
  const [ends, setEnds] = useState(() => localOf(serverNow() + TWO_HOURS_MS));
  const [reason, setReason] = useState('');
  const make = $api.useMutation('post', MAINTENANCES, {
    onSuccess: () => {
      setReason('');
      void client.invalidateQueries({ queryKey: ['get', MAINTENANCES] });
    },
  });
  const problem = make.error instanceof Problem ? make.error : null;
  return (
    <form
      className={classes.plan}
      onSubmit={(event) => {
        event.preventDefault();
        const [starts_at, ends_at] = [new Date(starts).toISOString(), new Date(ends).toISOString()];
        make.mutate({ body: { site, starts_at, ends_at, reason } });
      }}
    >
      <TextInput
        size="xs"
        type="datetime-local"
        label={t(texts.starts)}
        value={starts}
        required
        error={problem?.fields.starts_at}
        onChange={(event) => setStarts(event.currentTarget.value)}
      />
      <TextInput
        size="xs"
        type="datetime-local"
        label={t(texts.ends)}
        value={ends}
        required
        error={problem?.fields.ends_at}
        onChange={(event) => setEnds(event.currentTarget.value)}
      />
      <TextInput
        size="xs"
        label={t(texts.reason)}
        value={reason}
        maxLength={200}
        error={problem?.fields.reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <Button size="xs" type="submit" loading={make.isPending} disabled={!starts || !ends}>
        {t(texts.plan)}
      </Button>
      {problem && !Object.keys(problem.fields).length && <p role="alert">{problem.message}</p>}
    </form>
  );
}
