/** All failures that match, read again: of a site, on some topics, of a time, by some parser; and the replays there were. */

import { Button, NativeSelect, Switch, TextInput } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { $api } from '@/api/client';
import { RelativeTime } from '@/components/RelativeTime';
import { ErrorState, Loading } from '@/components/states';
import { useMay } from '@/hooks/useRole';
import { useSites } from '@/hooks/useSites';
import { t } from '@/i18n';
import { isFilter } from '@/pages/topics/matching';
import classes from './Logs.module.css';
import { Progressing, Replay } from './Replay';
import { logs as texts } from './strings';
import { type Run, useReplay } from './useReplay';

const route = getRouteApi('/logs/parsing');
const SHOWN = 20;

export function Again() {
  const { site, again } = route.useSearch();
  const navigate = route.useNavigate();
  const isMine = useMay('operator', site);
  return (
    <section className={`card ${classes.head}`} aria-labelledby="again">
      <h2 id="again">{t(texts.again)}</h2>
      <p className="dimmed">{t(texts.againWhy)}</p>
      {site === undefined && <p>{t(texts.pickSite)}</p>}
      {site !== undefined && isMine && (
        <Choice key={`${site} ${again}`} site={site} topic={again === '#' ? '' : again} />
      )}
      <h3>{t(texts.replays)}</h3>
      <Past site={site} />
      <Button
        size="xs"
        variant="default"
        mt={10}
        onClick={() => void navigate({ search: (before) => ({ ...before, again: undefined }) })}
      >
        {t(texts.closeAgain)}
      </Button>
    </section>
  );
}

/** Local times of the browser, as its fields have them, as moments. */
function momentOf(local: string): string | undefined {
  const at = new Date(local);
  return local && !Number.isNaN(at.getTime()) ? at.toISOString() : undefined;
}

function Choice({ site, topic: begun = '' }: { site: number; topic: string | undefined }) {
  const [topic, setTopic] = useState(begun);
  const [from, setFrom] = useState('');
  const [to, setTo] = useState('');
  const [was, setWas] = useState('');
  const [parser, setParser] = useState('');
  const [source, setSource] = useState<'failures' | 'raw'>('failures');
  const [again, setAgain] = useState(false);
  const parsers = $api.useQuery('get', '/api/v1/parsers/', {}, { staleTime: 300_000 });
  const mappings = $api.useQuery('get', '/api/v1/mappings/', { params: { query: { site, limit: 100 } } });
  const names = [...(mappings.data?.items ?? []), ...(parsers.data ?? [])].map((one) => one.name);
  const isValid = topic === '' || isFilter(topic);
  const chosen = {
    site,
    source,
    again,
    parser_name: parser,
    ...(topic && { topic }),
    ...(was && { parser_name_was: was }),
    ...(momentOf(from) && { from: momentOf(from) }),
    ...(momentOf(to) && { to: momentOf(to) }),
  };
  const line = (label: string, value: string, onChange: (value: string) => void, type = 'text') => (
    <TextInput
      size="xs"
      label={label}
      type={type}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
  return (
    <>
      <div className={classes.choice}>
        <TextInput
          size="xs"
          label={t(texts.onTopics)}
          placeholder="#"
          value={topic}
          error={isValid ? undefined : t(texts.noFilter)}
          classNames={{ input: 'mono' }}
          onChange={(event) => setTopic(event.currentTarget.value)}
        />
        {line(t(texts.receivedFrom), from, setFrom, 'datetime-local')}
        {line(t(texts.receivedTo), to, setTo, 'datetime-local')}
        <NativeSelect
          size="xs"
          label={t(texts.failedBy)}
          value={was}
          onChange={(event) => setWas(event.currentTarget.value)}
          data={[{ value: '', label: t(texts.anyParser) }, ...names.map((value) => ({ value, label: value }))]}
        />
        <NativeSelect
          size="xs"
          label={t(texts.readBy)}
          value={parser}
          onChange={(event) => setParser(event.currentTarget.value)}
          data={[{ value: '', label: t(texts.recogniser) }, ...names.map((value) => ({ value, label: value }))]}
        />
        <NativeSelect
          size="xs"
          label={t(texts.source)}
          value={source}
          onChange={(event) => setSource(event.currentTarget.value === 'raw' ? 'raw' : 'failures')}
          data={[
            { value: 'failures', label: t(texts.sourceFailures) },
            { value: 'raw', label: t(texts.sourceRaw) },
          ]}
        />
      </div>
      <Switch
        size="xs"
        mt="xs"
        label={t(texts.alsoRecovered)}
        checked={again}
        onChange={(event) => setAgain(event.currentTarget.checked)}
      />
      <Replay key={JSON.stringify(chosen)} chosen={chosen} label={t(texts.dryRun)} isBarred={!isValid} />
    </>
  );
}

function Past({ site }: { site: number | undefined }) {
  const { nameOf } = useSites();
  const found = $api.useQuery(
    'get',
    '/api/v1/replays/',
    { params: { query: { site, limit: SHOWN } } },
    { refetchInterval: 10_000 },
  );
  const [open, setOpen] = useState<number | null>(null);
  if (found.error && !found.data)
    return <ErrorState what={t(texts.replays)} error={found.error} onRetry={() => void found.refetch()} />;
  if (!found.data) return <Loading lines={2} height={34} />;
  if (!found.data.items.length) return <p className="dimmed">{t(texts.noReplays)}</p>;
  return (
    <ul className={classes.replays}>
      {found.data.items.map((run) => (
        <li key={run.id}>
          <button
            type="button"
            aria-expanded={open === run.id}
            onClick={() => setOpen(open === run.id ? null : run.id)}
          >
            <strong>{t(STATES[run.state as keyof typeof STATES] ?? texts.stateDone)}</strong>
            <span>{nameOf(run.site_id)}</span>
            <span className="mono dimmed">{selectionOf(run)}</span>
            <span className="dimmed">
              {run.created_by ?? '–'} · <RelativeTime at={run.created_at} />
            </span>
          </button>
          {open === run.id && <Opened id={run.id} />}
        </li>
      ))}
    </ul>
  );
}

const STATES = {
  checking: texts.stateChecking,
  checked: texts.stateChecked,
  running: texts.stateRunning,
  done: texts.stateDone,
  cancelled: texts.stateCancelled,
};

function selectionOf({ selection, source }: Run): string {
  const said = Object.entries(selection).map(([name, value]) =>
    name === 'ids' && Array.isArray(value) ? `${value.length} ids` : `${name} ${String(value)}`,
  );
  return [source === 'raw' ? 'raw' : '', ...said].filter(Boolean).join(' · ');
}

function Opened({ id }: { id: number }) {
  const { run, steer, isSteering, error } = useReplay(id);
  return (
    <div className={classes.opened}>
      {run ? <Progressing run={run} isSteering={isSteering} onTurn={steer} /> : <Loading lines={1} />}
      {error != null && <p role="alert">{error instanceof Error ? error.message : String(error)}</p>}
    </div>
  );
}
