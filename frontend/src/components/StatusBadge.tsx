/** A status as shape, word and colour. The colour is in the shape; the word is in the colour of all text. */

import type { ReactNode } from 'react';
import { t } from '@/i18n';
import { common, words } from '@/i18n/common';
import { isStale, useLive } from '@/live/store';
import classes from './StatusBadge.module.css';

export type StatusWord = keyof typeof words;
type Tone = 'live' | 'late' | 'quiet' | 'asleep' | 'down' | 'paused' | 'waiting' | 'applying';

const FILLED = (
  <>
    <circle cx="8" cy="8" r="7" fill="currentColor" />
    <path d="M4.8 8.200l2.2 2.2 4.2-4.6" fill="none" stroke="var(--status-ground)" strokeWidth="1.7" />
  </>
);
const CLOCK = (
  <>
    <circle cx="8" cy="8" r="6.2" />
    <path d="M8 4.500V8l2.4 1.5" />
  </>
);
const HOLLOW = <circle cx="8" cy="8" r="5.6" strokeWidth="2.4" />;
const MOON = <path d="M13.8 9.800A6.2 6.2 0 1 1 6.2 2.200a5 5 0 0 0 7.6 7.600z" fill="currentColor" stroke="none" />;
const BROKEN = (
  <>
    <path d="M6.5 4.500l1.6-1.600a3.2 3.2 0 0 1 4.6 4.600l-1 1M9.5 11.500l-1.6 1.600a3.2 3.2 0 0 1-4.6-4.600l1-1" />
    <path d="M2.5 2.500l11 11" />
  </>
);
const BARS = <path d="M5.5 3.500v9M10.5 3.500v9" strokeWidth="2.4" />;
const DOTS = <path d="M2.8 8h.01M8 8h.01M13.2 8h.01" strokeWidth="2.8" />;
const ARC = <path d="M8 2a6 6 0 1 1-6 6" strokeWidth="2.2" />;

const SHAPES: Record<Tone, ReactNode> = {
  live: FILLED,
  late: CLOCK,
  quiet: HOLLOW,
  asleep: MOON,
  down: BROKEN,
  paused: BARS,
  waiting: DOTS,
  applying: ARC,
};

const TONES: Record<StatusWord, Tone> = {
  live: 'live',
  late: 'late',
  quiet: 'quiet',
  asleep: 'asleep',
  down: 'down',
  paused: 'paused',
  waiting: 'waiting',
  applying: 'applying',
  online: 'live',
  offline: 'quiet',
  unknown: 'waiting',
  connected: 'live',
  connecting: 'late',
  disconnected: 'paused',
  error: 'down',
};

export function isStatusWord(word: string): word is StatusWord {
  return word in TONES;
}

/** What was live when it was last known is not drawn as live when nothing is known of now. */
export function StatusIcon({ word, size = 16 }: { word: string; size?: number }) {
  const said = isStatusWord(word) ? TONES[word] : 'waiting';
  const tone = useLive(isStale) && said === 'live' ? 'waiting' : said;
  return (
    <svg
      className={classes.icon}
      data-tone={tone}
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.7"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      {SHAPES[tone]}
    </svg>
  );
}

type Props = {
  /** One of the words of a site, a device or a connection, as the API sends them. */
  word: string;
  /** Said instead of the word's own label. */
  label?: ReactNode;
  /** pill: with a frame, for headers. */
  variant?: 'plain' | 'pill';
  title?: string;
};

export function StatusBadge({ word, label, variant = 'plain', title }: Props) {
  const isPast = useLive(isStale) && isStatusWord(word) && TONES[word] === 'live';
  const said = isStatusWord(word) ? t(words[word]) : word;
  return (
    <span className={classes.badge} data-variant={variant} title={title}>
      <StatusIcon word={word} size={variant === 'pill' ? 15 : 16} />
      <span className={classes.label}>{label ?? (isPast ? t(common.was, { word: said.toLowerCase() }) : said)}</span>
    </span>
  );
}
