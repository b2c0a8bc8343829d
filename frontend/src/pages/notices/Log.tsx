/** What was said to whom, newest first, and whether it was taken. */

import { SegmentedControl } from '@mantine/core';
import { keepPreviousData } from '@tanstack/react-query';
import { useState } from 'react';
import { $api } from '@/api/client';
import { RelativeTime } from '@/components/RelativeTime';
import { StatusIcon } from '@/components/StatusBadge';
import { EmptyState, ErrorState, Loading } from '@/components/states';
import { useSites } from '@/hooks/useSites';
import { t } from '@/i18n';
import classes from './Notices.module.css';
import { RULES } from './rules';
import { notices as texts } from './strings';

const STATES = ['waiting', 'sending', 'sent', 'failed'] as const;
const ICONS = { waiting: 'waiting', sending: 'applying', sent: 'live', failed: 'down' } as const;
const SHOWN = 200;

export function Log({ site }: { site: number | undefined }) {
  const [state, setState] = useState<(typeof STATES)[number] | undefined>();
  const { nameOf } = useSites();
  const found = $api.useQuery(
    'get',
    '/api/v1/notices/',
    { params: { query: { site, state, limit: SHOWN } } },
    { placeholderData: keepPreviousData, refetchInterval: 15_000 },
  );
  const rules = $api.useQuery('get', RULES, { params: { query: { site, limit: 500 } } });
  const ruleOf = (id: number) => rules.data?.items.find((rule) => rule.id === id)?.name ?? `#${id}`;
  const rows = found.data?.items;
  return (
    <>
      <SegmentedControl
        size="xs"
        mb="md"
        aria-label={t(texts.state)}
        value={state ?? ''}
        onChange={(next) => setState(STATES.find((one) => one === next))}
        data={[
          { value: '', label: t(texts.all) },
          ...STATES.filter((one) => one !== 'sending').map((value) => ({ value, label: t(texts[value]) })),
        ]}
      />
      {found.error != null && (
        <ErrorState
          what={t(texts.log)}
          error={found.error}
          onRetry={() => void found.refetch()}
          {...(rows ? { shownFrom: found.dataUpdatedAt } : {})}
        />
      )}
      {found.isPending && <Loading lines={4} height={56} />}
      {rows?.length === 0 && <EmptyState title={t(texts.noLog)} icon="notices" />}
      <ul className={classes.rows} aria-label={t(texts.log)}>
        {rows?.map((row) => (
          <li key={row.id} className="card">
            <StatusIcon word={ICONS[row.state]} />
            <div className={classes.words}>
              <strong>{row.title}</strong>
              <div className={classes.body}>{row.body}</div>
              <div className="dimmed">
                {t(texts[row.state])} · {nameOf(row.site_id)} · {t(texts.by, { rule: ruleOf(row.rule_id) })} ·{' '}
                {t(texts.attempts, { count: row.attempts })} · <RelativeTime at={row.sent_at ?? row.created_at} />
              </div>
              {row.error && row.state !== 'sent' && <div className={classes.error}>{row.error}</div>}
            </div>
          </li>
        ))}
      </ul>
    </>
  );
}
