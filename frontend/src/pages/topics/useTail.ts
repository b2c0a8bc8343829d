/** Listens to a topic again and again for a few seconds, and keeps what was heard last. */

import { useCallback, useEffect, useRef, useState } from 'react';
import { api } from '@/api/client';
import type { components } from '@/api/schema';

export type Heard = components['schemas']['TailedOut'] & { key: number };

const SECONDS = 3;
/** Of what is shown, and of what waits while somebody reads. */
export const KEPT = 500;
/** Nobody looks on for longer without saying so: each tail is one more client of the broker. */
const LONGEST_MS = 5 * 60_000;

export function useTail(siteId: number, filter: string) {
  const [isOn, setOn] = useState(false);
  const [isPaused, setPaused] = useState(false);
  const [shown, setShown] = useState<Heard[]>([]);
  const [waiting, setWaiting] = useState<Heard[]>([]);
  const [counts, setCounts] = useState({ heard: 0, rate: 0 });
  const [error, setError] = useState<unknown>(null);
  const paused = useRef(false);
  paused.current = isPaused;
  const key = useRef(0);

  useEffect(() => {
    if (!isOn) return;
    const control = new AbortController();
    const until = Date.now() + LONGEST_MS;
    const listen = async (): Promise<void> => {
      while (!control.signal.aborted && Date.now() < until && document.visibilityState !== 'hidden') {
        const { data } = await api.POST('/api/v1/mqtt/site/{site_id}/tail/', {
          params: { path: { site_id: siteId } },
          body: { filter, seconds: SECONDS },
          signal: control.signal,
        });
        if (control.signal.aborted || !data) return;
        const fresh = data.messages.map((one) => ({ ...one, key: key.current++ })).reverse();
        (paused.current ? setWaiting : setShown)((now) => [...fresh, ...now].slice(0, KEPT));
        setCounts(({ heard }) => ({ heard: heard + data.heard, rate: data.heard / data.seconds }));
      }
      setOn(false);
    };
    listen().catch((failure: unknown) => {
      if (control.signal.aborted) return;
      setError(failure);
      setOn(false);
    });
    return () => control.abort();
  }, [isOn, siteId, filter]);

  return {
    isOn,
    isPaused,
    shown,
    waiting: waiting.length,
    ...counts,
    error,
    start: useCallback(() => {
      setError(null);
      setShown([]);
      setWaiting([]);
      setCounts({ heard: 0, rate: 0 });
      setPaused(false);
      setOn(true);
    }, []),
    stop: useCallback(() => setOn(false), []),
    pause: useCallback(() => setPaused(true), []),
    resume: useCallback(() => {
      setPaused(false);
      setShown((now) => [...waiting, ...now].slice(0, KEPT));
      setWaiting([]);
    }, [waiting]),
  };
}
