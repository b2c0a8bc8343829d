/** The rules: of what, to whom, after how long; each can be tried. */

import { Button, Group } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { $api } from '@/api/client';
import { Icon } from '@/components/icons';
import { RoleGate } from '@/components/RoleGate';
import { StatusIcon } from '@/components/StatusBadge';
import { EmptyState, ErrorState, Loading } from '@/components/states';
import { useMay } from '@/hooks/useRole';
import { useSites } from '@/hooks/useSites';
import { t } from '@/i18n';
import { span } from '@/i18n/format';
import classes from './Notices.module.css';
import { RuleForm } from './RuleForm';
import { RULES, type Rule } from './rules';
import { PROBLEMS, notices as texts } from './strings';

const SHOWN = 500;

export function Rules({ site }: { site: number | undefined }) {
  const found = $api.useQuery('get', RULES, { params: { query: { site, limit: SHOWN } } });
  const [edited, edit] = useState<Rule | 'new' | null>(null);
  const mayAdd = useMay('admin', site);
  const rows = found.data?.items;
  const add = mayAdd && (
    <Button size="xs" leftSection={<Icon name="plus" size={14} />} onClick={() => edit('new')}>
      {t(texts.newRule)}
    </Button>
  );
  return (
    <>
      <Group justify="space-between" mb="md">
        <span className="dimmed">{t(texts.rulesWhy)}</span>
        {Boolean(rows?.length) && add}
      </Group>
      {found.error != null && (
        <ErrorState
          what={t(texts.rules)}
          error={found.error}
          onRetry={() => void found.refetch()}
          {...(rows ? { shownFrom: found.dataUpdatedAt } : {})}
        />
      )}
      {found.isPending && <Loading lines={3} height={72} />}
      {rows?.length === 0 && (
        <EmptyState title={t(texts.noRules)} icon="notices" action={add}>
          {t(texts.noRulesWhy)}
        </EmptyState>
      )}
      <ul className={classes.rows} aria-label={t(texts.rules)}>
        {rows?.map((rule) => (
          <Row key={rule.id} rule={rule} onEdit={() => edit(rule)} />
        ))}
      </ul>
      {edited && <RuleForm rule={edited === 'new' ? null : edited} site={site} onClose={() => edit(null)} />}
    </>
  );
}

function Row({ rule, onEdit }: { rule: Rule; onEdit: () => void }) {
  const client = useQueryClient();
  const { nameOf } = useSites();
  const path = { rule_id: rule.id };
  const test = $api.useMutation('post', '/api/v1/notice-rules/{rule_id}/test/', {
    onSuccess: () => void client.invalidateQueries({ queryKey: ['get', '/api/v1/notices/'] }),
  });
  const drop = $api.useMutation('delete', '/api/v1/notice-rules/{rule_id}/', {
    onSuccess: () => void client.invalidateQueries({ queryKey: ['get', RULES] }),
  });
  const error = test.error ?? drop.error;
  return (
    <li className="card">
      <StatusIcon word={rule.is_active ? 'live' : 'paused'} />
      <div className={classes.words}>
        <strong>{rule.name}</strong>{' '}
        <span className="dimmed">
          {nameOf(rule.site_id)} · {rule.service} · {t(rule.is_active ? texts.active : texts.inactive)}
        </span>
        <div>{rule.problems.map((problem) => t(PROBLEMS[problem])).join(', ')}</div>
        <div className="dimmed">{timesOf(rule)}</div>
        <div aria-live="polite">
          {test.data &&
            (test.data.state === 'sent'
              ? t(texts.testTaken, { service: rule.service })
              : t(texts.testFailed, { error: test.data.error || test.data.state }))}
          {error != null && <span role="alert">{error instanceof Error ? error.message : String(error)}</span>}
        </div>
      </div>
      <RoleGate needs="admin" siteId={rule.site_id}>
        {(isBarred) => (
          <Group gap={6}>
            <Button
              size="xs"
              variant="default"
              disabled={isBarred}
              loading={test.isPending}
              aria-label={t(texts.testOf, { name: rule.name })}
              onClick={() => test.mutate({ params: { path } })}
            >
              {t(texts.test)}
            </Button>
            <Button
              size="xs"
              variant="default"
              disabled={isBarred}
              aria-label={t(texts.editRule, { name: rule.name })}
              onClick={onEdit}
            >
              {t(texts.change)}
            </Button>
            <Button
              size="xs"
              variant="default"
              disabled={isBarred || drop.isPending}
              aria-label={t(texts.dropOf, { name: rule.name })}
              onClick={() =>
                window.confirm(t(texts.dropSure, { name: rule.name })) && drop.mutate({ params: { path } })
              }
            >
              {t(texts.drop)}
            </Button>
          </Group>
        )}
      </RoleGate>
    </li>
  );
}

function timesOf(rule: Rule): string {
  return [
    t(texts.afterSpan, { span: span(rule.delay_s) }),
    rule.problems.includes('failures') && t(texts.atPercent, { percent: rule.failure_percent }),
    rule.tells_recovery && t(texts.withRecovery),
    rule.quiet_from &&
      rule.quiet_to &&
      t(texts.quietSpan, { from: rule.quiet_from.slice(0, 5), to: rule.quiet_to.slice(0, 5) }),
  ]
    .filter(Boolean)
    .join(' · ');
}
