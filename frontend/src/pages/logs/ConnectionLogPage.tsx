/** What happened to the connections, newest first, with the lines of each hour on top. */

import { Button, Group, SegmentedControl, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useEffect, useMemo, useState } from 'react';
import { $api } from '@/api/client';
import type { components } from '@/api/schema';
import { Icon } from '@/components/icons';
import { EmptyState, ErrorState, Loading } from '@/components/states';
import { t } from '@/i18n';
import { common } from '@/i18n/common';
import { moment, shortMoment, span } from '@/i18n/format';
import { serverNow } from '@/live/clock';
import { Histogram } from './Histogram';
import classes from './Logs.module.css';
import { LogTabs, useSiteName } from './LogTabs';
import { absences } from './lines';
import { LEVELS, NEWEST, SPANS, timesOf } from './search';
import { logs as texts } from './strings';

type Line = components['schemas']['ConnectionLogOut'];

const route = getRouteApi('/logs/connection');
const LINES = 100;
const WORDS = { INFO: texts.info, WARNING: texts.warning, ERROR: texts.error };

export function ConnectionLogPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change = (next: Partial<typeof search>) =>
    void navigate({ search: (before) => ({ ...before, ...next }), replace: true, resetScroll: false });
  return (
    <>
      <LogTabs site={search.site} onSite={(site) => change({ site })} />
      <Group gap={8} mb={12}>
        <SegmentedControl
          size="xs"
          aria-label={t(texts.level)}
          value={search.level ?? ''}
          onChange={(level) => change({ level: LEVELS.find((one) => one === level) })}
          data={[
            { value: '', label: t(texts.allLevels) },
            ...LEVELS.map((value) => ({ value, label: t(WORDS[value]) })),
          ]}
        />
        <SegmentedControl
          size="xs"
          aria-label={t(texts.span)}
          value={search.hour === undefined ? (search.span ?? '24h') : ''}
          onChange={(value) => change({ span: SPANS.find((one) => one === value), hour: undefined })}
          data={[...SPANS]}
        />
        <Words find={search.find ?? ''} onFind={(find) => change({ find: find || undefined })} />
      </Group>
      <Histogram search={search} onHour={(hour) => change({ hour })} />
      <Lines />
    </>
  );
}

function Words({ find, onFind }: { find: string; onFind: (words: string) => void }) {
  const [words, setWords] = useState(find);
  const findSoon = useDebouncedCallback(onFind, 300);
  useEffect(() => setWords(find), [find]);
  return (
    <TextInput
      size="xs"
      className={classes.words}
      aria-label={t(common.search)}
      placeholder={t(texts.find)}
      leftSection={<Icon name="search" size={15} />}
      value={words}
      onChange={(event) => {
        setWords(event.target.value);
        findSoon(event.target.value.trim());
      }}
    />
  );
}

function Lines() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { from, to } = timesOf(search, serverNow());
  const filters = { site: search.site, level: search.level, search: search.find, from, to, limit: LINES };
  const log = $api.useInfiniteQuery(
    'get',
    '/api/v1/connection-logs/',
    { params: { query: filters } },
    {
      pageParamName: 'before',
      initialPageParam: NEWEST,
      getNextPageParam: (part) => (part.next ? part.items.at(-1)?.id : undefined),
    },
  );
  const lines = useMemo(() => log.data?.pages.flatMap((part) => part.items) ?? [], [log.data]);
  const away = useMemo(() => absences(lines), [lines]);
  const nameOf = useSiteName();
  const isFiltered = search.level !== undefined || search.find !== undefined || search.hour !== undefined;

  if (log.isPending) return <Loading lines={10} height={34} />;
  return (
    <>
      {log.error != null && (
        <ErrorState
          what={t(texts.what)}
          error={log.error}
          onRetry={() => void log.refetch()}
          {...(log.data ? { shownFrom: log.dataUpdatedAt } : {})}
        />
      )}
      {log.data && !lines.length && (
        <EmptyState
          title={t(isFiltered ? texts.noMatch : texts.quiet)}
          icon="logs"
          action={
            isFiltered && (
              <Button
                size="xs"
                variant="default"
                onClick={() => void navigate({ search: ({ site }) => ({ site }), replace: true })}
              >
                {t(common.clear)}
              </Button>
            )
          }
        >
          {!isFiltered && t(texts.quietWhy)}
        </EmptyState>
      )}
      {lines.length > 0 && (
        <ol className={`card ${classes.lines}`} aria-label={t(texts.what)}>
          {lines.map((line) => (
            <LogLine key={line.id} line={line} site={nameOf(line.site_id)} awayS={away.get(line.id)} />
          ))}
        </ol>
      )}
      {log.hasNextPage && (
        <Button
          variant="default"
          size="xs"
          mt={12}
          loading={log.isFetchingNextPage}
          onClick={() => void log.fetchNextPage()}
        >
          {t(texts.older)}
        </Button>
      )}
      {lines.length > 0 && !log.hasNextPage && <p className={classes.note}>{t(texts.end)}</p>}
    </>
  );
}

function LogLine({ line, site, awayS }: { line: Line; site: string; awayS: number | undefined }) {
  return (
    <li className={classes.line}>
      <time dateTime={line.timestamp} title={moment(line.timestamp)}>
        {shortMoment(line.timestamp)}
      </time>
      <span className={classes.level} data-level={line.level}>
        <LevelMark level={line.level} /> {t(WORDS[line.level])}
      </span>
      <Link to="/sites/$id" params={{ id: String(line.site_id) }} className={classes.link}>
        {site}
      </Link>
      <div className={classes.message}>
        {line.message}{' '}
        {awayS !== undefined && <span className="dimmed">{t(texts.downFor, { span: span(awayS) })}</span>}
        {line.retry_attempt > 1 && !/attempt/i.test(line.message) && (
          <span className="dimmed">{t(texts.attempt, { count: line.retry_attempt })}</span>
        )}
        {line.exception_traceback && (
          <details>
            <summary>{line.exception_type || t(texts.traceback)}</summary>
            <pre className={classes.trace}>{line.exception_traceback}</pre>
          </details>
        )}
      </div>
    </li>
  );
}

/** Told apart by shape too: a dot, a triangle, a square. */
function LevelMark({ level }: { level: Line['level'] }) {
  return (
    <svg width="10" height="10" viewBox="0 0 10 10" aria-hidden="true" focusable="false">
      {level === 'INFO' && <circle cx="5" cy="5" r="3" fill="currentColor" />}
      {level === 'WARNING' && <path d="M5 1l4.5 8h-9z" fill="currentColor" />}
      {level === 'ERROR' && <path d="M1 1h8v8H1z" fill="currentColor" />}
    </svg>
  );
}
