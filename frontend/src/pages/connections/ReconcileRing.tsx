/** When wishes are applied next, how often that is, and how long the last check took; and how to start a listener. */

import { Code } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Fragment } from 'react';
import { $api } from '@/api/client';
import { useNow } from '@/hooks/useNow';
import { t } from '@/i18n';
import { number } from '@/i18n/format';
import { isStale, useLive } from '@/live/store';
import { Ring } from './Ring';
import { texts } from './texts';

export const START_COMMAND = 'python manage.py run_mqtt';
const REFRESH_MS = 30_000;

function useSystem() {
  return $api.useQuery('get', '/api/v1/system/', {}, { refetchInterval: REFRESH_MS });
}

export function ReconcileRing() {
  const now = useNow();
  const announced = useLive((live) => live.nextReconcileAt);
  const { data: system } = useSystem();
  const isUnknown = useLive(isStale);
  const periodS = system?.reconcile_period_s ?? 30;
  const measured = system?.reconcile ? Date.parse(system.reconcile.at) + periodS * 1000 : null;
  const next = Math.max(announced ?? 0, measured ?? 0);
  if (!next || isUnknown) return <span>{t(texts.checkWhy)}</span>;
  const left = Math.ceil((next - now) / 1000);
  const took = system?.reconcile?.detail.took_s;
  const words = [
    left > 0 ? t(texts.nextCheck, { seconds: left }) : t(texts.checkDue),
    t(texts.every, { seconds: periodS }),
    ...(took === undefined ? [] : [t(texts.took, { seconds: number(took) })]),
  ];
  return (
    <span role="timer" aria-live="off" title={t(texts.checkWhy)} style={{ display: 'inline-flex', gap: 8 }}>
      <Ring share={1 - Math.max(0, left) / periodS} />
      <span className="numbers">
        {words.map((word, place) => (
          <Fragment key={word}>
            {place > 0 && ' · '}
            <span style={{ whiteSpace: 'nowrap' }}>{word}</span>
          </Fragment>
        ))}
      </span>
    </span>
  );
}

export function StartWords() {
  const [before = '', after = ''] = t(texts.startIt, { command: '\n' }).split('\n');
  return (
    <>
      {before}
      <Code>{START_COMMAND}</Code>
      {after} · <Link to="/logs/connection">{t(texts.toLogs)}</Link>
    </>
  );
}
