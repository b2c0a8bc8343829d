/** Who is held or refused: let in, turned away, or forgotten; letting in begins a dry run over what was kept. */

import { Button, Checkbox, Group, SegmentedControl } from '@mantine/core';
import { keepPreviousData, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { $api } from '@/api/client';
import type { components } from '@/api/schema';
import { RelativeTime } from '@/components/RelativeTime';
import { EmptyState, ErrorState, Loading } from '@/components/states';
import { useMay } from '@/hooks/useRole';
import { useSites } from '@/hooks/useSites';
import { t } from '@/i18n';
import { Progressing } from '@/pages/logs/Replay';
import { useReplay } from '@/pages/logs/useReplay';
import classes from './Newcomers.module.css';
import { STATES } from './search';
import { newcomers as texts } from './strings';

type Newcomer = components['schemas']['NewcomerOut'];
const route = getRouteApi('/devices/waiting');
const SHOWN = 500;
const REREAD_MS = 15_000;

export function Newcomers() {
  const { site, state } = route.useSearch();
  const navigate = route.useNavigate();
  const [chosen, choose] = useState<number[]>([]);
  const found = $api.useQuery(
    'get',
    '/api/v1/newcomers/',
    { params: { query: { site, state, limit: SHOWN } } },
    { placeholderData: keepPreviousData, refetchInterval: REREAD_MS },
  );
  const turns = useTurns(() => choose([]));
  const rows = found.data?.items ?? [];
  const picked = rows.filter((row) => chosen.includes(row.id)).map((row) => row.id);
  const toggle = (id: number) => choose((now) => (now.includes(id) ? now.filter((one) => one !== id) : [...now, id]));
  return (
    <section className={`card ${classes.panel}`} aria-labelledby="newcomers">
      <Group justify="space-between" gap={10}>
        <h2 id="newcomers">{t(texts.list)}</h2>
        <SegmentedControl
          size="xs"
          aria-label={t(texts.state)}
          value={state ?? ''}
          onChange={(next) =>
            void navigate({
              search: (now) => ({ ...now, state: STATES.find((one) => one === next) }),
              replace: true,
            })
          }
          data={[
            { value: '', label: t(texts.all) },
            { value: 'waiting', label: t(texts.waiting) },
            { value: 'refused', label: t(texts.refused) },
          ]}
        />
      </Group>
      {found.error != null && (
        <ErrorState
          what={t(texts.what)}
          error={found.error}
          onRetry={() => void found.refetch()}
          {...(found.data ? { shownFrom: found.dataUpdatedAt } : {})}
        />
      )}
      {found.isPending && <Loading lines={3} height={44} />}
      {found.data && !rows.length && (
        <EmptyState title={t(texts.none)} icon="devices">
          {t(texts.noneWhy)}
        </EmptyState>
      )}
      {picked.length > 0 && (
        <Group gap={8} className={classes.bar}>
          <span role="status">{t(texts.chosen, { count: picked.length })}</span>
          <Button size="xs" loading={turns.isBusy} onClick={() => turns.approve(picked)}>
            {t(texts.letIn)}
          </Button>
          <Button size="xs" variant="default" disabled={turns.isBusy} onClick={() => turns.refuse(picked)}>
            {t(texts.turnAway)}
          </Button>
        </Group>
      )}
      {turns.error != null && (
        <p role="alert" className={classes.wrong}>
          {turns.error instanceof Error ? turns.error.message : String(turns.error)}
        </p>
      )}
      {turns.approved && (
        <div role="status" className={classes.done}>
          <p>{t(texts.letInDone, { count: turns.approved.approved })}</p>
          {turns.approved.replays.map((id) => (
            <Kept key={id} id={id} />
          ))}
        </div>
      )}
      <ul className={classes.rows} aria-label={t(texts.list)}>
        {rows.map((row) => (
          <Row
            key={row.id}
            row={row}
            isChosen={chosen.includes(row.id)}
            onToggle={() => toggle(row.id)}
            turns={turns}
          />
        ))}
      </ul>
    </section>
  );
}

function useTurns(onDone: () => void) {
  const client = useQueryClient();
  const onSuccess = () => {
    onDone();
    void client.invalidateQueries({ predicate: ({ queryKey }) => /newcomers|conflicts/.test(String(queryKey[1])) });
  };
  const approve = $api.useMutation('post', '/api/v1/newcomers/approve/', { onSuccess });
  const refuse = $api.useMutation('post', '/api/v1/newcomers/refuse/', { onSuccess });
  const forget = $api.useMutation('delete', '/api/v1/newcomers/{newcomer_id}/', { onSuccess });
  return {
    approve: (ids: number[]) => approve.mutate({ body: { ids } }),
    refuse: (ids: number[]) => {
      approve.reset();
      refuse.mutate({ body: { ids } });
    },
    forget: (newcomer_id: number) => forget.mutate({ params: { path: { newcomer_id } } }),
    approved: approve.data,
    isBusy: approve.isPending || refuse.isPending || forget.isPending,
    error: approve.error ?? refuse.error ?? forget.error,
  };
}

type RowProps = { row: Newcomer; isChosen: boolean; onToggle: () => void; turns: ReturnType<typeof useTurns> };

function Row({ row, isChosen, onToggle, turns }: RowProps) {
  const { nameOf } = useSites();
  const mayOperate = useMay('operator', row.site_id);
  const state = { waiting: texts.waiting, refused: texts.refused, approved: texts.approved }[row.state];
  const ruled = { accept: texts.ruledIn, refuse: texts.ruledOut, hold: null }[row.next];
  return (
    <li>
      {mayOperate && (
        <Checkbox
          size="sm"
          aria-label={t(texts.choose, { serial: row.serial })}
          checked={isChosen}
          onChange={onToggle}
        />
      )}
      <div className={classes.who}>
        <strong className="mono">{row.serial}</strong> <span className="dimmed">{row.role}</span>
        {row.is_known_elsewhere && <div className={classes.flag}>{t(texts.elsewhere)}</div>}
      </div>
      <span>{nameOf(row.site_id)}</span>
      <span>{row.state === 'waiting' && ruled ? t(ruled) : state ? t(state) : row.state}</span>
      <span className="dimmed">
        {t(texts.messages, { count: row.message_count })} · {t(texts.first)} <RelativeTime at={row.first_seen_at} /> ·{' '}
        {t(texts.last)} <RelativeTime at={row.last_seen_at} />
      </span>
      {mayOperate && (
        <Button
          size="compact-xs"
          variant="default"
          aria-label={t(texts.forgetOf, { serial: row.serial })}
          onClick={() => turns.forget(row.id)}
        >
          {t(texts.forget)}
        </Button>
      )}
    </li>
  );
}

function Kept({ id }: { id: number }) {
  const { nameOf } = useSites();
  const { run, steer, isSteering, error } = useReplay(id);
  return (
    <div>
      {run && (
        <>
          <h3>{t(texts.keptOf, { site: nameOf(run.site_id) })}</h3>
          <Progressing run={run} isSteering={isSteering} onTurn={steer} />
        </>
      )}
      {error != null && <p role="alert">{error instanceof Error ? error.message : String(error)}</p>}
    </div>
  );
}
