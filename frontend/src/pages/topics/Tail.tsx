/** What arrives on a topic or a branch just now, as it comes from the broker; nothing of it is stored. */

import { Button } from '@mantine/core';
import { Icon } from '@/components/icons';
import { ErrorState } from '@/components/states';
import { t } from '@/i18n';
import { clock, number } from '@/i18n/format';
import { tail as texts } from './strings';
import classes from './Topics.module.css';
import { type Heard, useTail } from './useTail';

type Props = { siteId: number; filter: string };

export default function Tail({ siteId, filter }: Props) {
  const tail = useTail(siteId, filter);
  return (
    <section className={`card ${classes.tail}`} aria-label={t(texts.title)}>
      <div className={classes.heading}>
        <h3>
          {t(texts.title)} <span className="mono">{filter}</span>
        </h3>
        <div className={classes.tailKeys}>
          {tail.isOn && (
            <Button size="compact-xs" variant="default" onClick={tail.isPaused ? tail.resume : tail.pause}>
              {tail.isPaused ? t(texts.resume, { count: tail.waiting }) : t(texts.pause)}
            </Button>
          )}
          <Button
            size="compact-xs"
            variant={tail.isOn ? 'light' : 'default'}
            leftSection={<Icon name={tail.isOn ? 'pause' : 'play'} size={13} />}
            onClick={tail.isOn ? tail.stop : tail.start}
          >
            {t(tail.isOn ? texts.stop : texts.start)}
          </Button>
        </div>
      </div>
      <p className="dimmed numbers">
        {tail.isOn || tail.heard > 0
          ? t(texts.counts, { shown: tail.shown.length, heard: tail.heard, rate: number(tail.rate) })
          : t(texts.about)}
      </p>
      {tail.error !== null && <ErrorState what={t(texts.title)} error={tail.error} onRetry={tail.start} />}
      {tail.isOn && tail.heard === 0 && <p role="status">{t(texts.silence)}</p>}
      {tail.shown.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls
        <ol className={classes.tailed} tabIndex={0} aria-label={t(texts.messages)} onWheel={tail.pause}>
          {tail.shown.map((one) => (
            <Line key={one.key} message={one} hasTopic={one.topic !== filter} />
          ))}
        </ol>
      )}
    </section>
  );
}

function Line({ message, hasTopic }: { message: Heard; hasTopic: boolean }) {
  return (
    <li>
      <span className="dimmed numbers">
        {clock(Date.parse(message.received_at))}
        {message.retain && ` · ${t(texts.retained)}`}
      </span>
      {hasTopic && <span className="mono">{message.topic}</span>}
      <code>{shownAs(message.shown)}</code>
    </li>
  );
}

function shownAs({ json, text, base64 }: Heard['shown']): string {
  return json === undefined ? (text ?? base64 ?? '') : JSON.stringify(json);
}
