/** The last messages of a topic, as the server kept them: each in full, or against another one. */

import { NativeSelect, SegmentedControl } from '@mantine/core';
import { useEffect, useState } from 'react';
import { $api } from '@/api/client';
import type { components } from '@/api/schema';
import { CopyButton } from '@/components/CopyButton';
import { EmptyState, ErrorState, Loading } from '@/components/states';
import { useKeys } from '@/hooks/useKeys';
import { t } from '@/i18n';
import { clock, shortMoment, bytes as size, span } from '@/i18n/format';
import { bytesOf, difference, hexOf, mosquittoPub, prettyOf, textOf } from './payload';
import classes from './Samples.module.css';
import { payload as texts } from './strings';

type Sample = components['schemas']['SampleOut'];
export type View = 'pretty' | 'raw' | 'hex' | 'diff';

const REREAD_MS = 5_000; // one in ten seconds is kept

type Props = {
  topicId: number;
  topic: string;
  siteId: number;
  /** Told when one is picked, whole and in base64; null while the newest is followed, or where it was kept in part. */
  onShown?: (payload: string | null) => void;
};

export function Samples({ topicId, topic, siteId, onShown }: Props) {
  const samples = $api.useQuery(
    'get',
    '/api/v1/discovered-topics/{topic_id}/samples/',
    { params: { path: { topic_id: topicId } } },
    { refetchInterval: REREAD_MS },
  );
  const rows = samples.data;
  if (!rows && samples.error)
    return <ErrorState what={t(texts.samples)} error={samples.error} onRetry={() => void samples.refetch()} />;
  if (!rows) return <Loading lines={3} height={32} />;
  if (!rows.length) return <EmptyState title={t(texts.none)}>{t(texts.noneWhy)}</EmptyState>;
  return (
    <>
      {samples.error && <ErrorState what={t(texts.samples)} error={samples.error} shownFrom={samples.dataUpdatedAt} />}
      <Shown key={topicId} rows={rows} topic={topic} siteId={siteId} onShown={onShown} />
    </>
  );
}

/** Follows the newest until one is picked; a picked one stays. */
function Shown({ rows, topic, siteId, onShown }: Omit<Props, 'topicId'> & { rows: Sample[] }) {
  const [picked, pick] = useState<string | null>(null);
  const [other, setOther] = useState('');
  const [view, setView] = useState<View>('pretty');
  const place = Math.max(
    0,
    rows.findIndex((row) => row.received_at === picked),
  );
  const sample = rows[place];
  const before = rows.find((row) => row.received_at === other) ?? rows[place + 1];
  const told = picked === null || !sample || sample.is_truncated ? null : sample.payload;
  useEffect(() => onShown?.(told), [onShown, told]);
  const step = (by: number) => pick(rows[Math.min(rows.length - 1, Math.max(0, place + by))]?.received_at ?? null);
  useKeys([
    ['[', () => step(1)],
    [']', () => step(-1)],
    ['d', () => setView((now) => (now === 'diff' ? 'pretty' : 'diff'))],
  ]);
  if (!sample) return null;
  return (
    <div className={classes.shown}>
      <Dots rows={rows} place={place} onPick={(row) => pick(row === rows[0] ? null : row.received_at)} />
      <div className={classes.bar}>
        <SegmentedControl
          size="xs"
          aria-label={t(texts.view)}
          value={view}
          onChange={(next) => setView(next as View)}
          data={(['pretty', 'raw', 'hex', 'diff'] as const).map((value) => ({ value, label: t(texts[value]) }))}
        />
        {view === 'diff' && (
          <NativeSelect
            size="xs"
            aria-label={t(texts.compareWith)}
            value={before ? other : ''}
            onChange={(event) => setOther(event.target.value)}
            data={[
              { value: '', label: t(texts.previous) },
              ...rows
                .filter((row) => row !== sample)
                .map((row) => ({ value: row.received_at, label: clock(Date.parse(row.received_at)) })),
            ]}
          />
        )}
      </div>
      <Facts sample={sample} />
      {view === 'diff' ? <Diff before={before} after={sample} /> : <Body sample={sample} view={view} />}
      <Copies sample={sample} topic={topic} siteId={siteId} />
    </div>
  );
}

function Dots({ rows, place, onPick }: { rows: Sample[]; place: number; onPick: (row: Sample) => void }) {
  return (
    <fieldset className={classes.dots} aria-label={t(texts.kept)}>
      {rows.map((row, index) => (
        <button
          key={row.received_at}
          type="button"
          aria-pressed={index === place}
          title={shortMoment(row.received_at)}
          onClick={() => onPick(row)}
        >
          {index === place ? (
            shortMoment(row.received_at)
          ) : (
            <>
              <span aria-hidden="true" />
              <span className="visually-hidden">{shortMoment(row.received_at)}</span>
            </>
          )}
        </button>
      ))}
    </fieldset>
  );
}

const SKEW_S = 60;

function Facts({ sample }: { sample: Sample }) {
  const bytes = bytesOf(sample.payload);
  const said = claimedTime(textOf(bytes, sample.is_truncated) ?? '');
  const skew = said === null ? 0 : Math.abs(Date.parse(sample.received_at) - said) / 1000;
  return (
    <p className={classes.facts}>
      <time dateTime={sample.received_at}>{shortMoment(sample.received_at)}</time>
      <span>{size(sample.size)}</span>
      <span>{t(texts.qos, { qos: sample.qos })}</span>
      {sample.retain && <strong>{t(texts.retained)}</strong>}
      {sample.is_truncated && <strong>{t(texts.cut, { shown: size(bytes.length), size: size(sample.size) })}</strong>}
      {said !== null && skew > SKEW_S && (
        <strong>{t(texts.clockSkew, { time: shortMoment(said), span: span(skew) })}</strong>
      )}
    </p>
  );
}

/** The first time with a zone that the payload names. */
function claimedTime(text: string): number | null {
  const found = /"(?:timestamp|ts|time)"\s*:\s*"(\d{4}-[^"]+(?:Z|[+-]\d\d:?\d\d))"/.exec(text);
  const at = found?.[1] ? Date.parse(found[1]) : Number.NaN;
  return Number.isNaN(at) ? null : at;
}

function readable(sample: Sample): string {
  const text = textOf(bytesOf(sample.payload), sample.is_truncated);
  return text === null ? hexOf(bytesOf(sample.payload)) : (prettyOf(text) ?? text);
}

function Body({ sample, view }: { sample: Sample; view: View }) {
  const bytes = bytesOf(sample.payload);
  const text = textOf(bytes, sample.is_truncated);
  const pretty = text === null ? null : prettyOf(text);
  const shown = view === 'hex' || text === null ? hexOf(bytes) : view === 'pretty' ? (pretty ?? text) : text;
  const note =
    view === 'hex' ? null : text === null ? texts.notText : view === 'pretty' && pretty === null ? texts.notJson : null;
  return (
    <>
      {note && bytes.length > 0 && <p className={classes.note}>{t(note)}</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable with the keyboard */}
      <pre className={classes.body} data-wrap={view === 'raw' || undefined} tabIndex={0}>
        {bytes.length ? shown : t(texts.empty)}
      </pre>
    </>
  );
}

function Diff({ before, after }: { before: Sample | undefined; after: Sample }) {
  if (!before) return <p className={classes.note}>{t(texts.noPrevious)}</p>;
  const lines = difference(readable(before), readable(after));
  const changed = lines.filter((line) => line.kind === 'new').length;
  const signs = { same: ' ', gone: '−', new: '+' };
  return (
    <>
      <p className={classes.note}>{changed ? t(texts.changes, { count: changed }) : t(texts.noChange)}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable with the keyboard */}
      <pre className={classes.body} tabIndex={0}>
        {lines.map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a line has no other name
          <div key={index} className={classes.line} data-kind={line.kind}>
            {signs[line.kind]} {line.text}
          </div>
        ))}
      </pre>
    </>
  );
}

function Copies({ sample, topic, siteId }: { sample: Sample; topic: string; siteId: number }) {
  const link = $api.useQuery('get', '/api/v1/connections/', { params: { query: { site: siteId, limit: 1 } } });
  const connection = link.data?.items[0];
  const text = textOf(bytesOf(sample.payload), sample.is_truncated);
  return (
    <div className={classes.copies}>
      <CopyButton text={topic} label={t(texts.copyPath)} />
      {text !== null && <CopyButton text={text} label={t(texts.copyPayload)} />}
      {text !== null && !sample.is_truncated && connection && (
        <CopyButton
          text={mosquittoPub(connection.broker_host, connection.broker_port, topic, text, Math.min(1, sample.qos))}
          label={t(texts.copyCommand)}
        />
      )}
    </div>
  );
}
