/** Makes a rule, or changes one; its address can be written and is never shown. */

import { Button, Checkbox, Group, NativeSelect, NumberInput, Stack, Switch, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { $api } from '@/api/client';
import { Problem } from '@/api/problem';
import type { components } from '@/api/schema';
import { Dialog } from '@/components/Dialog';
import { usePhone } from '@/hooks/usePhone';
import { useSites } from '@/hooks/useSites';
import { t } from '@/i18n';
import { common } from '@/i18n/common';
import classes from './Notices.module.css';
import { RULES, type Rule } from './rules';
import { PROBLEMS, notices as texts } from './strings';

type Kind = components['schemas']['Problem'];
const KINDS = Object.keys(PROBLEMS) as Kind[];

function draftOf(rule: Rule | null) {
  return {
    name: rule?.name ?? '',
    problems: rule?.problems ?? KINDS.filter((kind) => kind !== 'failures'),
    address: '',
    delay_s: rule?.delay_s ?? 120,
    failure_percent: rule?.failure_percent ?? 10,
    tells_recovery: rule?.tells_recovery ?? true,
    quiet_from: rule?.quiet_from?.slice(0, 5) ?? '',
    quiet_to: rule?.quiet_to?.slice(0, 5) ?? '',
    is_active: rule?.is_active ?? true,
  };
}

type Props = { rule: Rule | null; site: number | undefined; onClose: () => void };

export function RuleForm({ rule, site, onClose }: Props) {
  const client = useQueryClient();
  const isPhone = usePhone();
  const { sites } = useSites();
  const [place, setPlace] = useState(site);
  const [draft, setDraft] = useState(() => draftOf(rule));
  const set = (changes: Partial<typeof draft>) => setDraft((now) => ({ ...now, ...changes }));
  const onSuccess = () => {
    void client.invalidateQueries({ queryKey: ['get', RULES] });
    onClose();
  };
  const make = $api.useMutation('post', RULES, { onSuccess });
  const alter = $api.useMutation('patch', '/api/v1/notice-rules/{rule_id}/', { onSuccess });
  const problem = [make.error, alter.error].find((one: unknown) => one instanceof Problem) as Problem | undefined;
  const wrong = problem?.fields ?? {};

  function save(): void {
    const { address, quiet_from, quiet_to, ...rest } = draft;
    const body = { ...rest, quiet_from: quiet_from || null, quiet_to: quiet_to || null };
    if (rule) alter.mutate({ params: { path: { rule_id: rule.id } }, body: { ...body, ...(address && { address }) } });
    else if (place !== undefined) make.mutate({ body: { ...body, site: place, address } });
  }

  return (
    <Dialog
      onClose={onClose}
      fullScreen={isPhone}
      title={rule ? t(texts.editRule, { name: rule.name }) : t(texts.newRule)}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <Stack gap="sm">
          {!rule && (
            <NativeSelect
              label={t(texts.site)}
              value={place ?? ''}
              required
              onChange={(event) => setPlace(Number(event.currentTarget.value) || undefined)}
              data={[
                ...(place === undefined ? [{ value: '', label: '' }] : []),
                ...sites.map((one) => ({ value: String(one.id), label: one.name })),
              ]}
            />
          )}
          <TextInput
            label={t(texts.name)}
            value={draft.name}
            error={wrong.name}
            maxLength={64}
            required
            data-autofocus
            onChange={(event) => set({ name: event.currentTarget.value })}
          />
          <Checkbox.Group
            label={t(texts.problems)}
            value={draft.problems}
            error={wrong.problems}
            onChange={(problems) => set({ problems: KINDS.filter((kind) => problems.includes(kind)) })}
          >
            <Stack gap={6} mt={6}>
              {KINDS.map((kind) => (
                <Checkbox key={kind} value={kind} label={t(PROBLEMS[kind])} size="sm" />
              ))}
            </Stack>
          </Checkbox.Group>
          <TextInput
            label={t(texts.address)}
            description={rule ? `${t(texts.addressKept)} ${t(texts.addressAbout)}` : t(texts.addressAbout)}
            value={draft.address}
            error={wrong.address}
            required={!rule}
            autoComplete="off"
            spellCheck={false}
            classNames={{ input: 'mono' }}
            onChange={(event) => set({ address: event.currentTarget.value })}
          />
          <div className={classes.pair}>
            <NumberInput
              label={t(texts.delay)}
              description={t(texts.delayAbout)}
              value={draft.delay_s}
              error={wrong.delay_s}
              min={0}
              max={86_400}
              allowDecimal={false}
              onChange={(value) => set({ delay_s: Number(value) || 0 })}
            />
            {draft.problems.includes('failures') && (
              <NumberInput
                label={t(texts.percent)}
                description={' '}
                value={draft.failure_percent}
                error={wrong.failure_percent}
                min={1}
                max={100}
                allowDecimal={false}
                onChange={(value) => set({ failure_percent: Number(value) || 1 })}
              />
            )}
          </div>
          <div className={classes.pair}>
            <TextInput
              type="time"
              label={t(texts.quietFrom)}
              value={draft.quiet_from}
              error={wrong.quiet_from}
              onChange={(event) => set({ quiet_from: event.currentTarget.value })}
            />
            <TextInput
              type="time"
              label={t(texts.quietTo)}
              value={draft.quiet_to}
              error={wrong.quiet_to}
              onChange={(event) => set({ quiet_to: event.currentTarget.value })}
            />
          </div>
          <span className="dimmed">{t(texts.quietAbout)}</span>
          <Switch
            label={t(texts.recovery)}
            checked={draft.tells_recovery}
            onChange={(event) => set({ tells_recovery: event.currentTarget.checked })}
          />
          <Switch
            label={t(texts.isActive)}
            checked={draft.is_active}
            onChange={(event) => set({ is_active: event.currentTarget.checked })}
          />
          {problem && <div role="alert">{[problem.message, wrong.__all__].filter(Boolean).join(' ')}</div>}
        </Stack>
        <Group justify="flex-end" mt="lg">
          <Button variant="default" onClick={onClose}>
            {t(common.cancel)}
          </Button>
          <Button type="submit" loading={make.isPending || alter.isPending} disabled={!draft.problems.length}>
            {t(texts.save)}
          </Button>
        </Group>
      </form>
    </Dialog>
  );
}
