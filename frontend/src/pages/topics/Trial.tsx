/** What a parser would make of the messages kept: the rows, the faults by their place, and nothing is written. */

import { Button } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { $api } from '@/api/client';
import type { components } from '@/api/schema';
import { t } from '@/i18n';
import { number } from '@/i18n/format';
import { topics as texts } from './strings';
import classes from './Topics.module.css';
import type { Topic } from './tree';

type Tried = components['schemas']['TrialOut'];
const SHOWN = 12;

export function Trial({ topic, parser }: { topic: Topic; parser: string }) {
  const one = $api.useMutation('post', '/api/v1/parsers/try/');
  const all = $api.useMutation('post', '/api/v1/parsers/try-topic/');
  const keep = $api.useMutation('post', '/api/v1/parser-cases/');
  const body = { site: topic.site_id, discovered_topic: topic.id, parser_name: parser };
  const error = one.error ?? all.error ?? keep.error;
  const tryOne = () => {
    all.reset();
    keep.reset();
    one.mutate({ body: { ...body, retain: false } });
  };
  const tryAll = () => {
    one.reset();
    keep.reset();
    all.mutate({ body: { ...body, limit: 100 } });
  };
  useHotkeys([['t', tryOne]]);
  const failed = all.data?.items.find((item) => !item.passes);
  return (
    <section className={classes.form} aria-label={t(texts.tryParser)}>
      <h3>{t(texts.tryParser)}</h3>
      <p className={classes.note}>{t(texts.nothingWritten)}</p>
      <div className={classes.buttons}>
        <Button size="xs" variant="default" loading={one.isPending} aria-keyshortcuts="t" onClick={tryOne}>
          {t(texts.tryIt)}
        </Button>
        <Button size="xs" variant="default" loading={all.isPending} onClick={tryAll}>
          {t(texts.tryAll)}
        </Button>
      </div>
      <div aria-live="polite">
        {error != null && (
          <p role="alert" className={classes.failed}>
            {error instanceof Error ? error.message : String(error)}
          </p>
        )}
        {all.data && (
          <p>
            {t(texts.passes, {
              passed: all.data.passed,
              tried: all.data.tried,
              failed: all.data.failed,
            })}
          </p>
        )}
        {failed && <Result tried={failed} />}
        {one.data && (
          <>
            <Result tried={one.data} />
            <Button
              size="compact-xs"
              variant="subtle"
              loading={keep.isPending}
              disabled={keep.isSuccess}
              onClick={() =>
                keep.mutate({
                  body: {
                    ...body,
                    retain: false,
                    sample: one.data?.id ?? null,
                    name: `${topic.topic_path} ${new Date().toISOString()}`.slice(-128),
                  },
                })
              }
            >
              {t(keep.isSuccess ? texts.saved : texts.save)}
            </Button>
          </>
        )}
      </div>
    </section>
  );
}

function Result({ tried }: { tried: Tried }) {
  const verdict =
    tried.fate === 'stored'
      ? t(texts.wouldStore, { count: tried.readings_in_all })
      : tried.fate === 'failed'
        ? t(texts.wouldFail, { reason: tried.reason })
        : t(texts.wouldBe, { fate: tried.fate });
  return (
    <div className={classes.result}>
      <p>
        <strong>{verdict}</strong> <span className="dimmed">{t(texts.tookMs, { ms: number(tried.took_ms) })}</span>
      </p>
      {tried.new_devices.length > 0 && <p>{t(texts.newDevices, { names: tried.new_devices.join(', ') })}</p>}
      {tried.faults.length > 0 && (
        <ul className={classes.faults}>
          {tried.faults.slice(0, SHOWN).map((fault) => (
            <li key={fault.path + fault.reason}>
              <span className="mono">{fault.path || t(texts.whole)}</span> {fault.words}
            </li>
          ))}
        </ul>
      )}
      {tried.readings.length > 0 && (
        <table className={classes.readings}>
          <thead>
            <tr>
              <th>{t(texts.device)}</th>
              <th>{t(texts.sensor)}</th>
              <th>{t(texts.value)}</th>
            </tr>
          </thead>
          <tbody>
            {tried.readings.slice(0, SHOWN).map((row) => (
              <tr key={`${row.device} ${row.sensor} ${row.time}`}>
                <td>{row.device}</td>
                <td>{row.sensor}</td>
                <td className="numbers">
                  {row.values.map(number).join(', ')} {row.unit}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}
