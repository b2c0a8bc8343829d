/** The commands of one topic, newest first: what waits, what was sent, and what came back. */

import { Button } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { $api } from '@/api/client';
import type { components } from '@/api/schema';
import { RelativeTime } from '@/components/RelativeTime';
import { StatusIcon } from '@/components/StatusBadge';
import { ErrorState, Loading } from '@/components/states';
import { useMay } from '@/hooks/useRole';
import { t } from '@/i18n';
import { span } from '@/i18n/format';
import { commands as texts } from './commandStrings';
import classes from './Datalogger.module.css';

type Command = components['schemas']['CommandOut'];
export const COMMANDS = '/api/v1/commands/';
const SHOWN = 10;
const OPEN = ['queued', 'sending', 'sent'];

const STATES = {
  queued: { text: texts.queued, icon: 'waiting' },
  sending: { text: texts.sending, icon: 'applying' },
  sent: { text: texts.sent, icon: 'applying' },
  done: { text: texts.done, icon: 'live' },
  delivered: { text: texts.delivered, icon: 'live' },
  refused: { text: texts.refused, icon: 'down' },
  timed_out: { text: texts.timed_out, icon: 'late' },
  expired: { text: texts.expired, icon: 'paused' },
  cancelled: { text: texts.cancelled, icon: 'paused' },
} as const;

export function CommandQueue({ site, topic }: { site: number; topic: string }) {
  const found = $api.useQuery(
    'get',
    COMMANDS,
    { params: { query: { site, topic, limit: SHOWN } } },
    {
      refetchInterval: ({ state }) => (state.data?.items.some((one) => OPEN.includes(one.state)) ? 1_000 : 15_000),
    },
  );
  const rows = found.data?.items;
  return (
    <div className={classes.queue}>
      <h3>{t(texts.queue)}</h3>
      {found.error != null && (
        <ErrorState
          what={t(texts.title)}
          error={found.error}
          onRetry={() => void found.refetch()}
          {...(rows ? { shownFrom: found.dataUpdatedAt } : {})}
        />
      )}
      {found.isPending && <Loading lines={2} height={32} />}
      {rows?.length === 0 && <p className="dimmed">{t(texts.none)}</p>}
      <ul aria-label={t(texts.queue)}>
        {rows?.map((row) => (
          <Row key={row.id} row={row} />
        ))}
      </ul>
    </div>
  );
}

function Row({ row }: { row: Command }) {
  const client = useQueryClient();
  const mayOperate = useMay('operator', row.site_id);
  const cancel = $api.useMutation('post', '/api/v1/commands/{command_id}/cancel/', {
    onSettled: () => void client.invalidateQueries({ queryKey: ['get', COMMANDS] }),
  });
  const state = STATES[row.state as keyof typeof STATES] ?? STATES.sending;
  const took = row.sent_at && row.answered_at ? (Date.parse(row.answered_at) - Date.parse(row.sent_at)) / 1000 : null;
  return (
    <li>
      <StatusIcon word={state.icon} />
      <div className={classes.command}>
        <div aria-live="polite">
          <strong className="mono">{row.method || row.topic}</strong> · {t(state.text)}
          {took !== null && ` · ${t(texts.answeredIn, { span: took < 1 ? '< 1 s' : span(took) })}`}
        </div>
        <div className="dimmed">
          {row.created_by ?? '–'} · <RelativeTime at={row.created_at} />
          {row.state === 'queued' && (
            <>
              {' · '}
              {t(texts.waitsUntil)} <RelativeTime at={row.expires_at} />
            </>
          )}
        </div>
        {row.error && <div>{row.error}</div>}
        <Merged answer={row.answer} />
        {cancel.error != null && <div role="alert">{cancel.error instanceof Error ? cancel.error.message : ''}</div>}
        {row.answer != null && <Shown label={t(texts.answer)} what={row.answer} isOpen />}
        <Shown label={t(texts.payload)} what={row.shown} />
      </div>
      {row.state === 'queued' && mayOperate && (
        <Button
          size="compact-xs"
          variant="default"
          aria-label={t(texts.cancelOf, { method: row.method || row.topic })}
          loading={cancel.isPending}
          onClick={() => cancel.mutate({ params: { path: { command_id: row.id } } })}
        >
          {t(texts.cancel)}
        </Button>
      )}
    </li>
  );
}

/** What an answer brought into the history, and what of it was refused and why. */
function Merged({ answer }: { answer: unknown }) {
  const { merged } = (answer ?? {}) as { merged?: { readings: number; refused: string[] } };
  if (!merged) return null;
  return (
    <div>
      {merged.readings > 0 ? t(texts.merged, { count: merged.readings }) : t(texts.nothingNew)}{' '}
      {merged.refused.length > 0 && t(texts.notMerged)}
      <ul>
        {merged.refused.map((words) => (
          <li key={words}>{words}</li>
        ))}
      </ul>
    </div>
  );
}

/** {"json": …}, {"text": …} or {"base64": …}. */
function Shown({ label, what, isOpen = false }: { label: string; what: unknown; isOpen?: boolean }) {
  const said = what as { json?: unknown; text?: string; base64?: string };
  const text = said.json !== undefined ? JSON.stringify(said.json, null, 2) : (said.text ?? said.base64 ?? '');
  return (
    <details open={isOpen || undefined}>
      <summary>{label}</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable with the keyboard */}
      <pre tabIndex={0}>{text}</pre>
    </details>
  );
}
