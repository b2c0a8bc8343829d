/** One replay from its dry run to its report: begun, followed while it works, started, paused, cancelled. */

import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { $api } from '@/api/client';
import type { components } from '@/api/schema';

export type Run = components['schemas']['ReplayOut'];
export type Chosen = Partial<components['schemas']['ReplayIn']> & { site: number };
export type Verb = 'start' | 'pause' | 'resume' | 'cancel';

const POLL_MS = 1_000;

export function isBusy(state: string | undefined): boolean {
  return state === undefined || state === 'checking' || state === 'running';
}

export function useReplay(known: number | null = null) {
  const client = useQueryClient();
  const [begun, setBegun] = useState<number | null>(null);
  const id = known ?? begun;
  const begin = $api.useMutation('post', '/api/v1/replays/', {
    onSuccess: (run) => {
      setBegun(run.id);
      void client.invalidateQueries({ queryKey: ['get', '/api/v1/replays/'] });
    },
  });
  const steer = $api.useMutation('post', '/api/v1/replays/{replay_id}/{verb}/');
  const run = $api.useQuery(
    'get',
    '/api/v1/replays/{replay_id}/',
    { params: { path: { replay_id: id ?? 0 } } },
    {
      enabled: id !== null,
      refetchInterval: ({ state }) => (isBusy(state.data?.state) && !state.data?.is_paused ? POLL_MS : false),
    },
  );
  const isDone = run.data?.state === 'done';
  useEffect(() => {
    if (!isDone) return;
    void client.invalidateQueries({ predicate: ({ queryKey }) => /parsing-|replays\/$/.test(String(queryKey[1])) });
  }, [isDone, client]);
  return {
    run: id === null ? undefined : run.data,
    begin: (chosen: Chosen) => begin.mutate({ body: { source: 'failures', again: false, parser_name: '', ...chosen } }),
    steer: (verb: Verb) => {
      if (id === null) return;
      steer.mutate({ params: { path: { replay_id: id, verb } } }, { onSettled: () => void run.refetch() });
    },
    reset: () => {
      setBegun(null);
      begin.reset();
      steer.reset();
    },
    isBeginning: begin.isPending || (id !== null && run.isPending),
    isSteering: steer.isPending,
    error: begin.error ?? steer.error ?? run.error,
  };
}
