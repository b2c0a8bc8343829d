/** How a site treats serials that it does not know: its rules by pattern, and its word where none of them matches. */

import { ActionIcon, Button, NativeSelect, NumberInput, SegmentedControl, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { $api } from '@/api/client';
import { Problem } from '@/api/problem';
import type { components } from '@/api/schema';
import { Icon } from '@/components/icons';
import { ErrorState, Loading } from '@/components/states';
import { useMay } from '@/hooks/useRole';
import { t } from '@/i18n';
import classes from './Newcomers.module.css';
import { newcomers as texts } from './strings';

type Action = components['schemas']['Admission'];
const RULES = '/api/v1/device-rules/';
const ACTIONS: Action[] = ['accept', 'hold', 'refuse'];
const WHY = { accept: texts.acceptWhy, hold: texts.holdWhy, refuse: texts.refuseWhy };

const choices = () => ACTIONS.map((value) => ({ value, label: t(texts[value]) }));
const actionOf = (text: string): Action => ACTIONS.find((one) => one === text) ?? 'accept';

export function Policy({ site }: { site: number }) {
  const client = useQueryClient();
  const mayChange = useMay('admin', site);
  const path = { site_id: site };
  const found = $api.useQuery('get', '/api/v1/sites/{site_id}/', { params: { path } });
  const save = $api.useMutation('patch', '/api/v1/sites/{site_id}/', {
    onSuccess: () => void client.invalidateQueries({ queryKey: ['get', '/api/v1/sites/{site_id}/'] }),
  });
  const word = found.data?.unknown_devices ?? 'accept';
  return (
    <section className={`card ${classes.panel}`} aria-labelledby="policy">
      <h2 id="policy">{t(texts.policy)}</h2>
      {found.error != null && (
        <ErrorState
          what={t(texts.policy)}
          error={found.error}
          onRetry={() => void found.refetch()}
          {...(found.data ? { shownFrom: found.dataUpdatedAt } : {})}
        />
      )}
      {found.isPending && <Loading lines={1} />}
      {found.data && (
        <>
          <SegmentedControl
            size="xs"
            aria-label={t(texts.policy)}
            value={word}
            disabled={!mayChange || save.isPending}
            onChange={(next) => save.mutate({ params: { path }, body: { unknown_devices: actionOf(next) } })}
            data={choices()}
          />
          <p>{t(WHY[word])}</p>
          {!mayChange && <p className="dimmed">{t(texts.onlyAdmins)}</p>}
          {save.error != null && <p role="alert">{save.error instanceof Error ? save.error.message : ''}</p>}
        </>
      )}
      <h3>{t(texts.rules)}</h3>
      <p className="dimmed">{t(texts.rulesWhy)}</p>
      <Rules site={site} mayChange={mayChange} />
    </section>
  );
}

function Rules({ site, mayChange }: { site: number; mayChange: boolean }) {
  const client = useQueryClient();
  const found = $api.useQuery('get', RULES, { params: { query: { site, limit: 100 } } });
  const onSuccess = () => void client.invalidateQueries({ queryKey: ['get', RULES] });
  const alter = $api.useMutation('patch', '/api/v1/device-rules/{rule_id}/', { onSuccess });
  const drop = $api.useMutation('delete', '/api/v1/device-rules/{rule_id}/', { onSuccess });
  const rows = found.data?.items;
  const error = alter.error ?? drop.error;
  if (found.error && !rows)
    return <ErrorState what={t(texts.rules)} error={found.error} onRetry={() => void found.refetch()} />;
  if (!rows) return <Loading lines={2} height={34} />;
  return (
    <>
      {!rows.length && <p>{t(texts.noRules)}</p>}
      <ol className={classes.rules}>
        {rows.map((rule) => (
          <li key={rule.id}>
            <span className="numbers dimmed">{rule.position}</span>
            <strong className="mono">{rule.pattern}</strong>
            <NativeSelect
              size="xs"
              aria-label={t(texts.actionOf, { pattern: rule.pattern })}
              value={rule.action}
              disabled={!mayChange || alter.isPending}
              onChange={(event) =>
                alter.mutate({
                  params: { path: { rule_id: rule.id } },
                  body: { action: actionOf(event.currentTarget.value) },
                })
              }
              data={choices()}
            />
            {mayChange && (
              <ActionIcon
                variant="default"
                size={30}
                aria-label={t(texts.drop, { pattern: rule.pattern })}
                onClick={() => drop.mutate({ params: { path: { rule_id: rule.id } } })}
              >
                <Icon name="close" size={14} />
              </ActionIcon>
            )}
          </li>
        ))}
      </ol>
      {error != null && <p role="alert">{error instanceof Error ? error.message : String(error)}</p>}
      {mayChange && <NewRule site={site} next={Math.max(0, ...rows.map((rule) => rule.position + 10))} />}
    </>
  );
}

function NewRule({ site, next }: { site: number; next: number }) {
  const client = useQueryClient();
  const [pattern, setPattern] = useState('');
  const [action, setAction] = useState<Action>('hold');
  const [position, setPosition] = useState<number | null>(null);
  const make = $api.useMutation('post', RULES, {
    onSuccess: () => {
      setPattern('');
      setPosition(null);
      void client.invalidateQueries({ queryKey: ['get', RULES] });
    },
  });
  const wrong = make.error instanceof Problem ? make.error : null;
  return (
    <form
      className={classes.add}
      onSubmit={(event) => {
        event.preventDefault();
        make.mutate({ body: { site, pattern, action, position: position ?? next } });
      }}
    >
      <TextInput
        size="xs"
        label={t(texts.pattern)}
        placeholder="MNA*"
        value={pattern}
        error={wrong && (wrong.fields.pattern ?? wrong.message)}
        classNames={{ input: 'mono' }}
        onChange={(event) => setPattern(event.currentTarget.value)}
      />
      <NativeSelect
        size="xs"
        label={t(texts.action)}
        value={action}
        onChange={(event) => setAction(actionOf(event.currentTarget.value))}
        data={choices()}
      />
      <NumberInput
        size="xs"
        label={t(texts.position)}
        value={position ?? next}
        min={0}
        max={10_000}
        allowDecimal={false}
        w={90}
        onChange={(value) => setPosition(value === '' ? null : Number(value))}
      />
      <Button size="xs" variant="default" type="submit" loading={make.isPending} disabled={!pattern}>
        {t(texts.add)}
      </Button>
    </form>
  );
}
