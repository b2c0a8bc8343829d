/** What the server makes of a draft: of the messages that were captured, of a pasted one, or of one that failed. */

import { keepPreviousData } from '@tanstack/react-query';
import { useRef } from 'react';
import { $api } from '@/api/client';
import { Problem } from '@/api/problem';
import type { components } from '@/api/schema';
import type { Tried } from '@/components/trial/TrialResult';
import { type Definition, faultsOf } from './draft';

export type Wanted =
  | { kind: 'kept' }
  | { kind: 'pasted'; topic: string; text: string }
  | { kind: 'failure'; id: number };

export type Preview = {
  items: Tried[];
  counts: Omit<components['schemas']['TopicTrialOut'], 'items' | 'took_ms'> | null;
  /** What is wrong with the draft, by its fields. */
  faults: Record<string, string>;
  error: unknown;
  isPending: boolean;
  retry: () => void;
};

const CAPTURED = 20;
const HABITS = { retry: false, placeholderData: keepPreviousData, staleTime: 10_000 };

/** `said`: the definition as JSON, so that equal ones are asked about once. */
export function usePreview(site: number, said: string, wanted: Wanted, isEnabled: boolean): Preview {
  const definition = JSON.parse(said) as Definition;
  const kept = $api.useQuery(
    'post',
    '/api/v1/mappings/preview-topics/',
    { body: { site, definition, limit: CAPTURED } },
    { ...HABITS, enabled: isEnabled && wanted.kind === 'kept' },
  );
  const message =
    wanted.kind === 'failure'
      ? { parsing_log: wanted.id }
      : wanted.kind === 'pasted'
        ? { topic: wanted.topic, text: wanted.text }
        : {};
  const isSaid = wanted.kind === 'failure' || (wanted.kind === 'pasted' && wanted.topic !== '' && wanted.text !== '');
  const one = $api.useQuery(
    'post',
    '/api/v1/mappings/preview/',
    { body: { site, definition, retain: false, parser_name: '', ...message } },
    { ...HABITS, enabled: isEnabled && isSaid },
  );
  const query = wanted.kind === 'kept' ? kept : one;
  const items = wanted.kind === 'kept' ? kept.data?.items : one.data && [one.data];
  // A draft is often wrong for a moment: what it made before stays in sight.
  const last = useRef<{ kind: string; items: Tried[] }>({ kind: '', items: [] });
  if (items) last.current = { kind: wanted.kind, items };
  const problem: unknown = query.error;
  const isWrong = problem instanceof Problem && problem.status === 422;
  return {
    items: items ?? (last.current.kind === wanted.kind ? last.current.items : []),
    counts: (wanted.kind === 'kept' && kept.data) || null,
    faults: isWrong ? faultsOf(problem.fields) : {},
    error: isWrong ? null : problem,
    isPending: isEnabled && query.isPending && (wanted.kind === 'kept' || isSaid),
    retry: () => void query.refetch(),
  };
}
