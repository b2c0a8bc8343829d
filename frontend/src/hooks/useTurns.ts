/** A site that falls silent sends nothing that could tell so: when its word may turn, the server is asked for it. */

import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { Overview, SiteOverview } from '@/api/types';
import { serverNow } from '@/live/clock';

const PATH = '/api/v1/overview/';
const PATIENCE = 2.5; // expected intervals, as the server counts; so much again before late becomes quiet
const SOONEST_MS = 5_000;
const AFTER_MS = 500;

/** When what is said of a site's data may not be true any more, in ms; never for one whose word hangs on no clock. */
export function turnOf({ link, data, interval_s, connection }: SiteOverview): number {
  const steps = link !== 'live' ? 0 : data === 'live' ? 1 : data === 'late' ? 2 : 0;
  const heard = connection?.last_message_at;
  return steps && heard ? Date.parse(heard) + steps * PATIENCE * interval_s * 1000 : Number.POSITIVE_INFINITY;
}

export function useTurns(overview: Overview | undefined): void {
  const client = useQueryClient();
  const next = Math.min(...(overview?.sites ?? []).map(turnOf));
  useEffect(() => {
    if (!Number.isFinite(next)) return;
    const wait = Math.max(SOONEST_MS, next + AFTER_MS - serverNow());
    const timer = setTimeout(() => void client.invalidateQueries({ queryKey: ['get', PATH] }), wait);
    return () => clearTimeout(timer);
  }, [next, client]);
}
