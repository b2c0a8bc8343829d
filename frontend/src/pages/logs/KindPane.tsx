/** One kind of failure: what is known of it, what is done about it, and its messages with the bad place marked. */

import { Button, Checkbox, Group } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { $api } from '@/api/client';
import type { components } from '@/api/schema';
import { Icon } from '@/components/icons';
import { RelativeTime } from '@/components/RelativeTime';
import { RoleGate } from '@/components/RoleGate';
import { EmptyState, ErrorState, Loading } from '@/components/states';
import { useMay } from '@/hooks/useRole';
import { t } from '@/i18n';
import { count, shortMoment } from '@/i18n/format';
import { FailurePane } from './FailurePane';
import classes from './Logs.module.css';
import { useSiteName } from './LogTabs';
import { Replay } from './Replay';
import { NEWEST } from './search';
import { logs as texts } from './strings';

type Kind = components['schemas']['GroupDetail'];

const route = getRouteApi('/logs/parsing');
const SAMPLES = 50;
const WORDS = { open: texts.open, resolved: texts.resolved, ignored: texts.ignored };

export function KindPane({ fingerprint }: { fingerprint: string }) {
  const { site, state, sort } = route.useSearch();
  const found = $api.useQuery(
    'get',
    '/api/v1/parsing-groups/{fingerprint}/',
    { params: { path: { fingerprint } } },
    { refetchInterval: 15_000 },
  );
  return (
    <>
      <Link to="/logs/parsing" search={{ site, state, sort }} className={classes.back}>
        <Icon name="left" size={16} /> {t(texts.back)}
      </Link>
      {found.error != null && (
        <ErrorState
          what={t(texts.kind)}
          error={found.error}
          onRetry={() => void found.refetch()}
          {...(found.data ? { shownFrom: found.dataUpdatedAt } : {})}
        />
      )}
      {found.isPending && <Loading lines={3} height={64} />}
      {found.data && <Head kind={found.data} />}
      {found.data && <Failures kind={found.data} />}
    </>
  );
}

function Head({ kind }: { kind: Kind }) {
  const nameOf = useSiteName();
  return (
    <section className={`card ${classes.head}`} aria-label={t(texts.kind)}>
      <h2>
        {kind.error_type} <span className="mono">{kind.path || t(texts.whole)}</span>
      </h2>
      <p className="dimmed">
        {kind.parser_name || t(texts.noParser)} {t(texts.version, { version: kind.parser_version })} ·{' '}
        {kind.sites.map(nameOf).join(', ')} · {t(texts.first)} <RelativeTime at={kind.first_seen_at} /> ·{' '}
        {t(texts.last)} <RelativeTime at={kind.last_seen_at} />
      </p>
      <p>
        <strong>{t(WORDS[kind.state])}</strong> ·{' '}
        {t(texts.keptOf, { kept: count(kind.kept), count: count(kind.count) })}
        {kind.recovered > 0 && ` · ${t(texts.recovered, { count: count(kind.recovered) })}`}
      </p>
      <RoleGate needs="operator">{(isBarred) => <Acts kind={kind} isBarred={isBarred} />}</RoleGate>
    </section>
  );
}

function Acts({ kind, isBarred }: { kind: Kind; isBarred: boolean }) {
  const client = useQueryClient();
  const nameOf = useSiteName();
  const change = $api.useMutation('patch', '/api/v1/parsing-groups/{fingerprint}/', {
    onSuccess: () => {
      for (const path of ['/api/v1/parsing-groups/', '/api/v1/parsing-groups/{fingerprint}/'])
        void client.invalidateQueries({ queryKey: ['get', path] });
    },
  });
  const set = (state: Kind['state']) =>
    change.mutate({ params: { path: { fingerprint: kind.fingerprint } }, body: { state } });
  const button = (state: Kind['state'], label: string, why?: string) => (
    <Button size="xs" variant="default" disabled={isBarred || change.isPending} title={why} onClick={() => set(state)}>
      {label}
    </Button>
  );
  return (
    <>
      <Group gap={8} mt={8}>
        {kind.state !== 'resolved' && button('resolved', t(texts.resolve), t(texts.resolveWhy))}
        {kind.state !== 'ignored' && button('ignored', t(texts.ignore), t(texts.ignoreWhy))}
        {kind.state !== 'open' && button('open', t(texts.reopen))}
      </Group>
      {change.error != null && <p role="alert">{change.error instanceof Error ? change.error.message : ''}</p>}
      {!isBarred &&
        kind.waiting > 0 &&
        kind.sites.map((site) => (
          <Replay
            key={site}
            chosen={{ site, fingerprint: kind.fingerprint }}
            label={t(texts.replayAt, { site: nameOf(site) })}
          />
        ))}
    </>
  );
}

function Failures({ kind }: { kind: Kind }) {
  const { failure } = route.useSearch();
  const mayReplay = useMay('operator');
  const navigate = route.useNavigate();
  const nameOf = useSiteName();
  const found = $api.useInfiniteQuery(
    'get',
    '/api/v1/parsing-groups/{fingerprint}/samples/',
    { params: { path: { fingerprint: kind.fingerprint }, query: { limit: SAMPLES } } },
    {
      pageParamName: 'before',
      initialPageParam: NEWEST,
      getNextPageParam: (part) => (part.next ? part.items.at(-1)?.id : undefined),
    },
  );
  const [chosen, choose] = useState<number[]>([]);
  const rows = found.data?.pages.flatMap((part) => part.items) ?? [];
  const shown = failure ?? rows[0]?.id;
  if (found.error && !found.data)
    return <ErrorState what={t(texts.failures)} error={found.error} onRetry={() => void found.refetch()} />;
  if (found.isPending) return <Loading lines={4} height={44} />;
  if (!rows.length) return <EmptyState title={t(texts.keptOf, { kept: 0, count: count(kind.count) })} icon="logs" />;
  const picked = rows.filter((row) => chosen.includes(row.id));
  const ofSite = picked[0]?.site_id;
  return (
    <div className={classes.failures}>
      <div>
        {ofSite !== undefined && (
          <Replay
            key={chosen.join()}
            chosen={{ site: ofSite, ids: chosen }}
            label={t(texts.replaySome, { count: chosen.length })}
          />
        )}
        <ul className={classes.samples} aria-label={t(texts.failures)}>
          {rows.map((row) => (
            <li key={row.id} className={classes.sample}>
              {mayReplay && (
                <Checkbox
                  size="xs"
                  aria-label={t(texts.choose, { id: row.id })}
                  checked={chosen.includes(row.id)}
                  disabled={ofSite !== undefined && ofSite !== row.site_id}
                  title={ofSite !== undefined && ofSite !== row.site_id ? t(texts.oneSite) : undefined}
                  onChange={(event) =>
                    choose((now) =>
                      event.currentTarget.checked ? [...now, row.id] : now.filter((id) => id !== row.id),
                    )
                  }
                />
              )}
              <button
                type="button"
                aria-pressed={row.id === shown}
                onClick={() =>
                  void navigate({
                    search: (before) => ({ ...before, failure: row.id }),
                    replace: true,
                    resetScroll: false,
                  })
                }
              >
                <span>
                  {shortMoment(row.received_at)} · {nameOf(row.site_id)}
                </span>
                <span className="mono dimmed">{row.topic}</span>
                {row.outcome && <span className="dimmed">{row.outcome}</span>}
              </button>
            </li>
          ))}
        </ul>
        {found.hasNextPage && (
          <Button
            variant="default"
            size="xs"
            mt={8}
            loading={found.isFetchingNextPage}
            onClick={() => void found.fetchNextPage()}
          >
            {t(texts.olderFailures)}
          </Button>
        )}
      </div>
      {shown !== undefined && <FailurePane key={shown} id={shown} />}
    </div>
  );
}
