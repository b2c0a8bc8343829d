/** What would become of one message: the verdict, the faults by their place in it, the rows it would make. */

import type { components } from '@/api/schema';
import { badPaths, bytesOf, hexOf, isBad, markedLines, textOf } from '@/components/payload/payload';
import { t } from '@/i18n';
import { moment, number, shortMoment } from '@/i18n/format';
import { trial as texts } from './strings';
import classes from './Trial.module.css';

export type Tried = components['schemas']['TrialOut'];
const SHOWN = 40;

type Props = {
  tried: Tried;
  /** Also shows the message, with the bad places marked. */
  withMessage?: boolean;
  /** Makes each value of the message a button; called with its place, `sky[0].speed`. */
  onPick?: (path: string, value: string) => void;
};

export function TrialResult({ tried, withMessage = false, onPick }: Props) {
  return (
    <div className={classes.result}>
      <p className={classes.verdict} data-passes={tried.passes}>
        <strong>{verdict(tried)}</strong>{' '}
        <span className="dimmed">
          {tried.parser && `${t(texts.by, { parser: tried.parser })} · `}
          {t(texts.tookMs, { ms: number(tried.took_ms) })}
        </span>
      </p>
      {tried.new_gateways.length > 0 && <p>{t(texts.newGateways, { names: tried.new_gateways.join(', ') })}</p>}
      {tried.new_devices.length > 0 && <p>{t(texts.newDevices, { names: tried.new_devices.join(', ') })}</p>}
      {tried.faults.length > 0 && (
        <ul className={classes.faults} aria-label={t(texts.faults)}>
          {tried.faults.slice(0, SHOWN).map((fault) => (
            <li key={fault.path + fault.reason + fault.words}>
              <span className="mono">{fault.path || t(texts.whole)}</span> {fault.words}
            </li>
          ))}
        </ul>
      )}
      {withMessage && <Message tried={tried} onPick={onPick} />}
      {tried.readings.length > 0 && <Readings tried={tried} />}
    </div>
  );
}

function verdict(tried: Tried): string {
  if (tried.fate === 'stored' && !tried.passes && !tried.faults.length) return t(texts.readsNothing);
  if (tried.fate === 'stored') return t(texts.wouldStore, { count: tried.readings_in_all });
  if (tried.fate === 'failed') return t(texts.wouldFail, { reason: tried.reason });
  return t(tried.fate === 'ignored' ? texts.ignored : texts.unrecognised);
}

function Message({ tried, onPick }: { tried: Tried; onPick: Props['onPick'] }) {
  const bytes = bytesOf(tried.payload ?? '');
  const text = textOf(bytes);
  const lines = text === null ? null : markedLines(text);
  const bad = [...tried.faults.map((fault) => fault.path), ...tried.faults.flatMap((fault) => badPaths(fault.words))];
  if (tried.payload === null) return null;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable with the keyboard
    <pre className={classes.message} tabIndex={0}>
      {lines
        ? lines.map((line, index) => {
            const shown = isBad(line.path, bad) ? <mark>{line.text}</mark> : line.text;
            return (
              // biome-ignore lint/suspicious/noArrayIndexKey: a line has no other name
              <div key={index}>
                {onPick && line.path ? (
                  <button
                    type="button"
                    title={t(texts.use, { path: line.path })}
                    onClick={() => onPick(line.path, line.text)}
                  >
                    {shown}
                  </button>
                ) : (
                  shown
                )}
              </div>
            );
          })
        : (text ?? hexOf(bytes))}
    </pre>
  );
}

function Readings({ tried }: { tried: Tried }) {
  const left = tried.readings_in_all - Math.min(SHOWN, tried.readings.length);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable with the keyboard
    <section className={classes.scroll} aria-label={t(texts.readings)} tabIndex={0}>
      <table className={classes.readings}>
        <thead>
          <tr>
            <th>{t(texts.device)}</th>
            <th>{t(texts.sensor)}</th>
            <th>{t(texts.value)}</th>
            <th>{t(texts.time)}</th>
            <th>{t(texts.effect)}</th>
          </tr>
        </thead>
        <tbody>
          {tried.readings.slice(0, SHOWN).map((row) => (
            <tr key={`${row.device} ${row.sensor} ${row.time}`} data-effect={row.effect}>
              <td>{row.device}</td>
              <td>{row.sensor}</td>
              <td className="numbers">
                {row.values.map(number).join(', ')} {row.unit}
              </td>
              <td title={moment(row.time)}>{shortMoment(row.time)}</td>
              <td>{effect(row)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {left > 0 && <p className="dimmed">{t(texts.more, { count: left })}</p>}
    </section>
  );
}

function effect(row: Tried['readings'][number]): string {
  if (row.effect === 'change') return t(texts.change, { before: (row.before ?? []).map(number).join(', ') });
  return t(row.effect === 'same' ? texts.same : texts.add);
}
