/** The wish of a connection: the switch that writes it, the ring until it applies, the way back, and why it takes long. */

import { Button, Switch } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import type { ConnectionStatus, SiteOverview } from '@/api/types';
import { announce } from '@/components/Announcer';
import { CopyButton } from '@/components/CopyButton';
import { CountdownRing } from '@/components/CountdownRing';
import { Icon } from '@/components/icons';
import { useNow } from '@/hooks/useNow';
import { useMay } from '@/hooks/useRole';
import { useSwitch } from '@/hooks/useSwitch';
import { t } from '@/i18n';
import { common } from '@/i18n/common';
import { span } from '@/i18n/format';
import { useLive } from '@/live/store';
import { countdown, dueAt, isPending } from '@/live/wishes';
import classes from './Connections.module.css';
import { START_COMMAND, StartWords } from './ReconcileRing';
import { StopDialog } from './StopDialog';
import { texts } from './texts';

type Row = ConnectionStatus;
type OnFailure = (words: string | null) => void;

/** Shows what the database holds; a click that is refused leaves it as it is. */
export function WishSwitch({
  row,
  site,
  onFailure,
}: {
  row: Row;
  site: SiteOverview | undefined;
  onFailure: OnFailure;
}) {
  const wish = useWish(row.site_id, onFailure);
  const [isAsking, setAsking] = useState(false);
  const mayOperate = useMay('operator', row.site_id);
  const label = t(texts.switchOf, { site: row.site_name });
  const word = t(row.is_active ? texts.on : texts.off);
  if (!mayOperate) return <span>{word}</span>;
  const press = () => {
    const isInterruption = row.is_active && row.status !== 'disconnected';
    if (isInterruption) setAsking(true);
    else void wish(!row.is_active);
  };
  return (
    <>
      <Switch
        size="md"
        checked={row.is_active}
        onChange={press}
        aria-label={label}
        aria-describedby={`countdown-${row.site_id}`}
        label={word}
      />
      {isAsking && (
        <StopDialog
          rows={[row]}
          sites={new Map(site && [[site.id, site]])}
          onClose={() => setAsking(false)}
          onConfirm={() => {
            setAsking(false);
            void wish(false);
          }}
        />
      )}
    </>
  );
}

/** The ring, as long as wish and fact differ; and the way back, which only writes the other wish. */
export function Pending({ row, onFailure }: { row: Row; onFailure: OnFailure }) {
  const wish = useWish(row.site_id, onFailure);
  const mayOperate = useMay('operator', row.site_id);
  const due = dueAt(row.site_id, row, Date.parse(row.next_reconcile_at));
  useOutcome(row);
  return (
    <div className={classes.pending} id={`countdown-${row.site_id}`}>
      {due !== null && (
        <>
          <CountdownRing due={due} periodS={row.reconcile_period_s} />
          {mayOperate && (
            <Button size="compact-xs" variant="default" onClick={() => void wish(!row.is_active)}>
              {t(texts.undo)}
            </Button>
          )}
        </>
      )}
    </div>
  );
}

/** One period late: the age of the last check. Later still: what to do about it. */
export function Overdue({ row }: { row: Row }) {
  const now = useNow();
  const reconciledAt = useLive((live) => live.reconciledAt);
  const due = dueAt(row.site_id, row, Date.parse(row.next_reconcile_at));
  if (due === null) return null;
  const { phase } = countdown(now, due, row.reconcile_period_s);
  if (phase !== 'waiting' && phase !== 'silent') return null;
  const age = reconciledAt === null ? '' : ` · ${t(texts.lastCheck, { span: span((now - reconciledAt) / 1000) })}`;
  return (
    <div className={classes.overdue} data-phase={phase} role="status">
      <Icon name={phase === 'silent' ? 'alert' : 'clock'} size={16} />
      {phase === 'waiting' ? (
        <span className="numbers">
          {t(common.waitingForListener)}
          {age}
        </span>
      ) : (
        <>
          <span>
            <strong>{t(common.listenerSilent)}.</strong> <StartWords />
          </span>
          <CopyButton text={START_COMMAND} />
        </>
      )}
    </div>
  );
}

function useWish(siteId: number, onFailure: OnFailure): (isOn: boolean) => Promise<void> {
  const { start, stop } = useSwitch(siteId);
  return async (isOn) => {
    onFailure(null);
    try {
      await (isOn ? start() : stop());
    } catch (error) {
      onFailure(error instanceof Error ? error.message : String(error));
    }
  };
}

/** Tells those who listen how it ended. */
function useOutcome(row: Row): void {
  const wasPending = useRef(false);
  const pending = isPending(row);
  useEffect(() => {
    if (wasPending.current && !pending)
      announce(t(row.status === 'connected' ? texts.isOn : texts.isOff, { site: row.site_name }));
    wasPending.current = pending;
  }, [pending, row.status, row.site_name]);
}
