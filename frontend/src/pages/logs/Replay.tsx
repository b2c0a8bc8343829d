/** Reads the failures of one kind at one site again: first a dry run, then, if one wishes, for good. */

import { Button, Group, Progress } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { $api } from '@/api/client';
import type { components } from '@/api/schema';
import { useMay } from '@/hooks/useRole';
import { t } from '@/i18n';
import { count } from '@/i18n/format';
import classes from './Logs.module.css';
import { useSiteName } from './LogTabs';
import { logs as texts } from './strings';

type Run = components['schemas']['ReplayOut'];
type Report = components['schemas']['ReportOut'];

const POLL_MS = 1_000;

export function Replay({ site, kind }: { site: number; kind: { fingerprint: string } }) {
  const client = useQueryClient();
  const [id, setId] = useState<number | null>(null);
  const nameOf = useSiteName();
  const begin = $api.useMutation('post', '/api/v1/replays/', { onSuccess: (run) => setId(run.id) });
  const steer = $api.useMutation('post', '/api/v1/replays/{replay_id}/{verb}/');
  const run = $api.useQuery(
    'get',
    '/api/v1/replays/{replay_id}/',
    { params: { path: { replay_id: id ?? 0 } } },
    { enabled: id !== null, refetchInterval: ({ state }) => (isBusy(state.data?.state) ? POLL_MS : false) },
  );
  const isDone = run.data?.state === 'done';
  useEffect(() => {
    if (!isDone) return;
    for (const path of [
      '/api/v1/parsing-groups/',
      '/api/v1/parsing-groups/{fingerprint}/',
      '/api/v1/parsing-groups/{fingerprint}/samples/',
    ])
      void client.invalidateQueries({ queryKey: ['get', path] });
  }, [isDone, client]);
  const error = begin.error ?? steer.error ?? run.error;
  if (!useMay('operator', site)) return null;

  function turn(verb: 'start' | 'cancel'): void {
    if (id === null) return;
    steer.mutate({ params: { path: { replay_id: id, verb } } }, { onSettled: () => void run.refetch() });
  }

  return (
    <div className={classes.replay}>
      {!run.data && (
        <Group gap={10}>
          <Button
            size="xs"
            loading={begin.isPending || (id !== null && run.isPending)}
            onClick={() =>
              begin.mutate({
                body: { site, source: 'failures', fingerprint: kind.fingerprint, again: false, parser_name: '' },
              })
            }
          >
            {t(texts.replayAt, { site: nameOf(site) })}
          </Button>
          <span className="dimmed">{t(texts.replayWhy)}</span>
        </Group>
      )}
      {run.data && <Progressing run={run.data} isSteering={steer.isPending} onTurn={turn} />}
      {error != null && <p role="alert">{error instanceof Error ? error.message : String(error)}</p>}
    </div>
  );
}

function isBusy(state: string | undefined): boolean {
  return state === undefined || state === 'checking' || state === 'running';
}

type ProgressingProps = { run: Run; isSteering: boolean; onTurn: (verb: 'start' | 'cancel') => void };

function Progressing({ run, isSteering, onTurn }: ProgressingProps) {
  const { state, total, checked, applied } = run;
  const report = state === 'checking' || state === 'checked' ? checked : applied;
  const readable = (checked.messages.recovered ?? 0) + (checked.messages.partly ?? 0);
  const { add = 0, change = 0 } = checked.readings;
  const hasNews = add + change > 0 || (checked.messages.recovered ?? 0) > 0;
  const words =
    state === 'checking'
      ? t(texts.checking, { read: count(checked.read), total: count(total) })
      : state === 'checked'
        ? t(texts.checked, { total: count(total), ...fates(checked) })
        : state === 'running'
          ? t(texts.running, { read: count(applied.read), total: count(total) })
          : state === 'done'
            ? t(texts.done, fates(applied))
            : t(texts.cancelled);
  return (
    <div aria-live="polite">
      <p>
        {words} {state === 'checked' && t(texts.readings, effects(checked))}
      </p>
      {isBusy(state) && <Progress value={total ? (report.read / total) * 100 : 0} aria-label={words} />}
      <Group gap={8} mt={6}>
        {state === 'checked' && hasNews && (
          <Button size="xs" loading={isSteering} onClick={() => onTurn('start')}>
            {t(texts.startReplay, { count: count(readable) })}
          </Button>
        )}
        {(isBusy(state) || state === 'checked') && (
          <Button size="xs" variant="default" disabled={isSteering} onClick={() => onTurn('cancel')}>
            {t(texts.cancelReplay)}
          </Button>
        )}
      </Group>
    </div>
  );
}

function fates({ messages }: Report) {
  return {
    recovered: count(messages.recovered ?? 0),
    partly: count(messages.partly ?? 0),
    failed: count(messages.failed ?? 0),
  };
}

function effects({ readings }: Report) {
  return { add: count(readings.add ?? 0), change: count(readings.change ?? 0), same: count(readings.same ?? 0) };
}
