/** Reads failures again: first a dry run that says what would come of it; then, if one wishes, for good. */

import { Button, Group, Progress } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useMay } from '@/hooks/useRole';
import { t } from '@/i18n';
import { count } from '@/i18n/format';
import classes from './Logs.module.css';
import { logs as texts } from './strings';
import { type Chosen, isBusy, type Run, useReplay, type Verb } from './useReplay';

type Report = Run['checked'];
type Props = { chosen: Chosen; label: string; isBarred?: boolean };

export function Replay({ chosen, label, isBarred = false }: Props) {
  const replay = useReplay();
  const { run, error } = replay;
  if (!useMay('operator', chosen.site)) return null;
  return (
    <div className={classes.replay}>
      {!run && (
        <Group gap={10}>
          <Button size="xs" loading={replay.isBeginning} disabled={isBarred} onClick={() => replay.begin(chosen)}>
            {label}
          </Button>
          <span className="dimmed">{t(texts.replayWhy)}</span>
        </Group>
      )}
      {run && <Progressing run={run} isSteering={replay.isSteering} onTurn={replay.steer} />}
      {run && !isBusy(run.state) && run.state !== 'checked' && (
        <Button size="compact-xs" variant="default" mt={6} onClick={replay.reset}>
          {t(texts.anew)}
        </Button>
      )}
      {error != null && <p role="alert">{error instanceof Error ? error.message : String(error)}</p>}
    </div>
  );
}

type ProgressingProps = { run: Run; isSteering: boolean; onTurn: (verb: Verb) => void };

export function Progressing({ run, isSteering, onTurn }: ProgressingProps) {
  const { state, total, checked, applied, is_paused } = run;
  const report = state === 'checking' || state === 'checked' ? checked : applied;
  const readable = (checked.messages.recovered ?? 0) + (checked.messages.partly ?? 0);
  const { add = 0, change = 0 } = checked.readings;
  const hasNews = add + change > 0 || (checked.messages.recovered ?? 0) > 0;
  const words = sentence(run);
  return (
    <div aria-live="polite">
      <p>
        {words} {(state === 'checked' || state === 'done') && t(texts.readings, effects(report))}{' '}
        {report.new_devices > 0 && t(texts.newDevices, { count: report.new_devices })}{' '}
        {report.new.length > 0 && <span className="dimmed">{listed(report)}</span>}
      </p>
      {is_paused && isBusy(state) && <p>{t(texts.paused)}</p>}
      {isBusy(state) && <Progress value={total ? (report.read / total) * 100 : 0} aria-label={words} />}
      <Group gap={8} mt={6}>
        {state === 'checked' && hasNews && (
          <Button size="xs" loading={isSteering} onClick={() => onTurn('start')}>
            {t(texts.startReplay, { count: count(readable) })}
          </Button>
        )}
        {isBusy(state) && (
          <Button
            size="xs"
            variant="default"
            disabled={isSteering}
            onClick={() => onTurn(is_paused ? 'resume' : 'pause')}
          >
            {t(is_paused ? texts.resumeReplay : texts.pauseReplay)}
          </Button>
        )}
        {(isBusy(state) || state === 'checked') && (
          <Button size="xs" variant="default" disabled={isSteering} onClick={() => onTurn('cancel')}>
            {t(texts.cancelReplay)}
          </Button>
        )}
      </Group>
      <StillFails report={report} site={run.site_id} />
    </div>
  );
}

function sentence({ state, total, total_is_capped, checked, applied }: Run): string {
  const all = `${total_is_capped ? '> ' : ''}${count(total)}`;
  if (state === 'checking') return t(texts.checking, { read: count(checked.read), total: all });
  if (state === 'checked') return t(texts.checked, { total: all, ...fates(checked) });
  if (state === 'running') return t(texts.running, { read: count(applied.read), total: all });
  return state === 'done' ? t(texts.done, fates(applied)) : t(texts.cancelled);
}

/** Why messages still cannot be read, and some of them. */
function StillFails({ report, site }: { report: Report; site: number }) {
  const reasons = Object.entries(report.reasons);
  if (!reasons.length) return null;
  return (
    <details className={classes.still}>
      <summary>
        {t(texts.still, { reasons: reasons.map(([code, many]) => `${code} ${count(many)}`).join(', ') })}
      </summary>
      <ul>
        {report.samples.map((one) => (
          <li key={one.id}>
            <Link to="/topics" search={{ site, path: one.topic }} className={`mono ${classes.link}`}>
              {one.topic}
            </Link>{' '}
            {one.reason}: {one.detail}
          </li>
        ))}
      </ul>
    </details>
  );
}

function fates({ messages }: Report) {
  return {
    recovered: count(messages.recovered ?? 0),
    partly: count(messages.partly ?? 0),
    failed: count(messages.failed ?? 0),
  };
}

function effects({ readings }: Report) {
  return { add: count(readings.add ?? 0), change: count(readings.change ?? 0), same: count(readings.same ?? 0) };
}

function listed({ new: names, new_devices }: Report): string {
  return names.join(', ') + (names.length < new_devices ? ', …' : '');
}
