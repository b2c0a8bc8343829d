/** A site's topics by what they have in common, so that fifty thousand are a few lines; each read or muted as one. */

import { Button, Group } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { $api } from '@/api/client';
import type { components } from '@/api/schema';
import { type Column, DataTable } from '@/components/DataTable';
import { LinkButton } from '@/components/LinkButton';
import { RelativeTime } from '@/components/RelativeTime';
import { RoleGate } from '@/components/RoleGate';
import { EmptyState, ErrorState, Loading } from '@/components/states';
import { t } from '@/i18n';
import { count } from '@/i18n/format';
import { topics as texts } from './strings';
import classes from './Topics.module.css';

type Template = components['schemas']['TemplateOut'];

const STATES = { parsed: texts.parsed, ignored: texts.ignoredState, unsubscribed: texts.unsubscribed };

export function Alike({ site }: { site: number | undefined }) {
  if (site === undefined) return <EmptyState title={t(texts.pickSite)} icon="topics" />;
  return <OfSite site={site} />;
}

function OfSite({ site }: { site: number }) {
  const found = $api.useQuery(
    'get',
    '/api/v1/topic-templates/',
    { params: { query: { site } } },
    { refetchInterval: 15_000 },
  );
  const wishes = useWishes(site);
  if (found.error && !found.data)
    return <ErrorState what={t(texts.what)} error={found.error} onRetry={() => void found.refetch()} />;
  if (!found.data) return <Loading lines={8} height={40} />;
  const { templates, coverage, is_full, cap, muted } = found.data;
  if (!templates.length && !muted.length) return <EmptyState title={t(texts.none)} />;
  const columns: Column<Template>[] = [
    { id: 'template', header: t(texts.template), cell: (row) => <Name row={row} site={site} /> },
    { id: 'topics', header: t(texts.topicsColumn), width: 70, align: 'right', cell: (row) => count(row.topics) },
    { id: 'messages', header: t(texts.messagesColumn), width: 100, align: 'right', cell: (row) => count(row.messages) },
    { id: 'parsers', header: t(texts.parsersColumn), width: 200, cell: (row) => readers(row) },
    { id: 'state', header: t(texts.stateColumn), width: 110, cell: (row) => t(STATES[row.state]) },
    { id: 'last', header: t(texts.lastColumn), width: 100, cell: (row) => <RelativeTime at={row.last_seen_at} /> },
    {
      id: 'acts',
      header: t(texts.actsColumn),
      width: 200,
      cell: (row) => <Acts row={row} site={site} wishes={wishes} />,
    },
  ];
  return (
    <>
      <p className={classes.note}>
        {coverage?.share != null &&
          t(texts.share, {
            share: Math.floor(coverage.share * 1000) / 10,
            messages: t(texts.messages, { count: coverage.messages }),
          })}{' '}
        {is_full && t(texts.unlisted, { cap: count(cap) })}
      </p>
      {wishes.error != null && <ErrorState what={t(texts.wish)} error={wishes.error} shownFrom={found.dataUpdatedAt} />}
      <DataTable
        label={t(texts.what)}
        columns={columns}
        count={templates.length}
        rowAt={(index) => templates[index]}
        rowId={(row) => row.template}
        card={(row) => (
          <>
            <Name row={row} site={site} />
            <div className="dimmed">
              {t(texts.count, { count: row.topics })} · {t(texts.messages, { count: row.messages })} · {readers(row)} ·{' '}
              {t(STATES[row.state])}
            </div>
            <Acts row={row} site={site} wishes={wishes} />
          </>
        )}
      />
      {muted.length > 0 && (
        <section className={classes.muted}>
          <h2>{t(texts.mutedList)}</h2>
          <ul>
            {muted.map((rule) => (
              <li key={rule.id}>
                <span className="mono">{rule.topic_pattern}</span>
                <RoleGate needs="operator" siteId={site}>
                  {(isBarred) => (
                    <Button
                      size="compact-xs"
                      variant="default"
                      disabled={isBarred}
                      onClick={() => wishes.unmute(rule.id)}
                    >
                      {t(texts.unmute)}
                    </Button>
                  )}
                </RoleGate>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

function Name({ row, site }: { row: Template; site: number }) {
  return (
    <Link
      to="/topics"
      search={{ site, path: row.example, find: row.filter }}
      className={`mono ${classes.template} ${classes.ends}`}
      title={row.template}
      aria-label={row.template}
    >
      <span>{row.template.slice(0, -ending(row.template).length)}</span>
      <span>{ending(row.template)}</span>
    </Link>
  );
}

/** The last two levels, in which templates differ most; they stay in sight where there is too little room. */
function ending(template: string): string {
  return /(?:\/[^/]*){1,2}$/.exec(template)?.[0] ?? template;
}

function readers(row: Template): string {
  return row.parsers.join(', ') || t(texts.nobodyReads);
}

type Wishes = ReturnType<typeof useWishes>;

function useWishes(site: number) {
  const client = useQueryClient();
  const onSuccess = () => {
    for (const path of ['/api/v1/topic-templates/', '/api/v1/topics/', '/api/v1/topic-tree/'])
      void client.invalidateQueries({ queryKey: ['get', path] });
  };
  const parse = $api.useMutation('post', '/api/v1/topic-templates/parse/', { onSuccess });
  const mute = $api.useMutation('post', '/api/v1/topic-templates/mute/', { onSuccess });
  const drop = $api.useMutation('delete', '/api/v1/topics/{topic_id}/', { onSuccess });
  return {
    parse: (template: string) => parse.mutate({ body: { site, template, parser_name: '' } }),
    mute: (template: string) => mute.mutate({ body: { site, template } }),
    unmute: (topic_id: number) => drop.mutate({ params: { path: { topic_id } } }),
    isBusy: parse.isPending || mute.isPending || drop.isPending,
    error: parse.error ?? mute.error ?? drop.error,
  };
}

function Acts({ row, site, wishes }: { row: Template; site: number; wishes: Wishes }) {
  return (
    <RoleGate needs="operator" siteId={site}>
      {(isBarred) => (
        <Group gap={6} wrap="nowrap">
          {row.state !== 'parsed' && (
            <Button
              size="compact-xs"
              variant="default"
              disabled={isBarred || wishes.isBusy}
              onClick={() => wishes.parse(row.template)}
            >
              {t(texts.parse)}
            </Button>
          )}
          <Button
            size="compact-xs"
            variant="default"
            disabled={isBarred || wishes.isBusy}
            onClick={() => window.confirm(t(texts.muteSure, { template: row.template })) && wishes.mute(row.template)}
          >
            {t(texts.mute)}
          </Button>
          {!isBarred && row.example_id !== null && (
            <LinkButton
              size="compact-xs"
              variant="default"
              to="/parsers/$id"
              params={{ id: 'new' }}
              search={{ site, topic: row.example, template: row.template }}
              aria-label={t(texts.mapTemplate, { template: row.template })}
            >
              {t(texts.mapShort)}
            </LinkButton>
          )}
        </Group>
      )}
    </RoleGate>
  );
}
