/** The live preview: which messages the draft is tried on, how they fare, and one of them with its rows. */

import { SegmentedControl, Textarea, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { StatusIcon } from '@/components/StatusBadge';
import { ErrorState, Loading } from '@/components/states';
import { trial as words } from '@/components/trial/strings';
import { TrialResult, type Tried } from '@/components/trial/TrialResult';
import { t } from '@/i18n';
import classes from './Parsers.module.css';
import { parsers as texts } from './strings';
import type { Preview, Wanted } from './usePreview';

type Props = {
  preview: Preview;
  wanted: Wanted;
  /** A message that failed and may be tried, too. */
  failure?: number | undefined;
  onWanted: (wanted: Wanted) => void;
  onPick: (path: string) => void;
  /** What can be done with the message that is shown. */
  acts: (tried: Tried) => ReactNode;
};

export function PreviewPane({ preview, wanted, failure, onWanted, onPick, acts }: Props) {
  const [chosen, choose] = useState(0);
  const { items, counts, faults, error } = preview;
  const shown = items[Math.min(chosen, items.length - 1)];
  const isWrong = Object.keys(faults).length > 0;
  const pick = (kind: string) => {
    choose(0);
    if (kind === 'failure' && failure !== undefined) onWanted({ kind: 'failure', id: failure });
    else onWanted(kind === 'pasted' ? { kind: 'pasted', topic: shown?.topic ?? '', text: '' } : { kind: 'kept' });
  };
  return (
    <section className={`card ${classes.preview}`} aria-label={t(texts.preview)}>
      <div className={classes.previewHead}>
        <h2>{t(texts.preview)}</h2>
        <SegmentedControl
          size="xs"
          aria-label={t(texts.source)}
          value={wanted.kind}
          onChange={pick}
          data={[
            ...(failure === undefined ? [] : [{ value: 'failure', label: t(texts.failed) }]),
            { value: 'kept', label: t(texts.kept) },
            { value: 'pasted', label: t(texts.pasted) },
          ]}
        />
      </div>
      <p className="dimmed">{t(words.nothingWritten)}</p>
      {wanted.kind === 'pasted' && <Paste wanted={wanted} onWanted={onWanted} />}
      <div aria-live="polite">
        {isWrong && <p className={classes.wrong}>{t(texts.cannotPreview)}</p>}
        {counts && (
          <p>
            {counts.tried > 0 && t(texts.passes, counts)}{' '}
            {counts.skipped > 0 && t(texts.skipped, { count: counts.skipped })}
          </p>
        )}
        {counts !== null && counts.tried > 0 && (
          <p>
            {t(words.madeReadings, {
              with: counts.with_readings,
              tried: counts.tried,
              readings: t(words.countedReadings, { count: counts.readings }),
            })}
          </p>
        )}
        {counts !== null && counts.tried > 0 && counts.unread.length > 0 && (
          <>
            <p className={classes.wrong}>{t(texts.unread)}</p>
            <ul>
              {counts.unread.map((one) => (
                <li key={one.sensor + one.value}>
                  <strong>{one.sensor}</strong> <span className="mono">{one.value}</span>
                </li>
              ))}
            </ul>
          </>
        )}
      </div>
      {error != null && <ErrorState what={t(texts.preview)} error={error} onRetry={preview.retry} shownFrom={1} />}
      {preview.isPending && !items.length && <Loading lines={4} height={30} />}
      {counts && !items.length && <p>{t(texts.noMessages)}</p>}
      {items.length > 1 && <Messages items={items} shown={shown} onChoose={choose} />}
      {shown && (
        <div className={classes.tried} data-old={isWrong || undefined}>
          <p className="mono dimmed">{shown.topic}</p>
          <TrialResult tried={shown} withMessage onPick={onPick} />
          {!isWrong && acts(shown)}
        </div>
      )}
    </section>
  );
}

function Messages({
  items,
  shown,
  onChoose,
}: {
  items: Tried[];
  shown: Tried | undefined;
  onChoose: (place: number) => void;
}) {
  return (
    <fieldset className={classes.messages} aria-label={t(texts.kept)}>
      {items.map((one, place) => (
        <button
          key={`${one.topic} ${one.received_at}`}
          type="button"
          aria-pressed={one === shown}
          aria-label={t(texts.messageNo, { number: place + 1, verdict: t(one.passes ? texts.ok : texts.notOk) })}
          onClick={() => onChoose(place)}
        >
          <StatusIcon word={one.passes ? 'live' : 'down'} />
          {place + 1}
        </button>
      ))}
    </fieldset>
  );
}

function Paste({
  wanted,
  onWanted,
}: {
  wanted: Extract<Wanted, { kind: 'pasted' }>;
  onWanted: (wanted: Wanted) => void;
}) {
  return (
    <div className={classes.paste}>
      <TextInput
        size="xs"
        label={t(texts.topic)}
        value={wanted.topic}
        classNames={{ input: 'mono' }}
        spellCheck={false}
        onChange={(event) => onWanted({ ...wanted, topic: event.currentTarget.value })}
      />
      <Textarea
        size="xs"
        label={t(texts.payload)}
        value={wanted.text}
        rows={5}
        classNames={{ input: 'mono' }}
        spellCheck={false}
        onChange={(event) => onWanted({ ...wanted, text: event.currentTarget.value })}
      />
      {(!wanted.topic || !wanted.text) && <p className="dimmed">{t(texts.pasteFirst)}</p>}
    </div>
  );
}
