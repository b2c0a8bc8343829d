/** How long until a wish is applied, as a ring and in words; and, when it is overdue, why that may be. */

import { useNow } from '@/hooks/useNow';
import { t } from '@/i18n';
import { common } from '@/i18n/common';
import { countdown } from '@/live/wishes';
import classes from './CountdownRing.module.css';

const RADIUS = 7;
const LENGTH = 2 * Math.PI * RADIUS;

type Props = {
  /** When it is due, by the server's clock; see `dueAt` of live/wishes. */
  due: number;
  periodS: number;
  id?: string;
  /** The ring alone; the words are there for screen readers. */
  compact?: boolean;
};

export function CountdownRing({ due, periodS, id, compact = false }: Props) {
  const { phase, secondsLeft, share } = countdown(useNow(), due, periodS);
  const text =
    phase === 'counting'
      ? t(common.appliesIn, { seconds: secondsLeft })
      : phase === 'applying'
        ? t(common.applyingNow)
        : t(phase === 'waiting' ? common.waitingForListener : common.listenerSilent);
  return (
    <span className={classes.ring} data-phase={phase} role="timer" aria-live="off" id={id} title={text}>
      <svg width="18" height="18" viewBox="0 0 18 18" aria-hidden="true" focusable="false">
        <circle cx="9" cy="9" r={RADIUS} className={classes.track} />
        <circle
          cx="9"
          cy="9"
          r={RADIUS}
          className={classes.hand}
          strokeDasharray={LENGTH}
          strokeDashoffset={phase === 'applying' ? LENGTH * 0.7 : LENGTH * (1 - share)}
          transform="rotate(-90 9 9)"
        />
      </svg>
      <span className={compact ? 'visually-hidden' : 'numbers'}>{text}</span>
    </span>
  );
}
