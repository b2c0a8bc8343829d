/** Makes a token, and shows it this once. */

import { Button, Code, Group, MultiSelect, NativeSelect, Stack, Text, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/api/client';
import { Problem } from '@/api/problem';
import type { components } from '@/api/schema';
import { CopyButton } from '@/components/CopyButton';
import { Dialog } from '@/components/Dialog';
import { t } from '@/i18n';
import { common } from '@/i18n/common';
import classes from './Settings.module.css';
import { texts } from './texts';
import { TOKENS } from './tokens';
import { useSiteNames } from './useSiteNames';

type Scope = components['schemas']['Scope'];
const SCOPES: Scope[] = ['read', 'operate', 'admin'];
const DAYS = [7, 30, 90, 366];

export function NewToken({ onClose }: { onClose: () => void }) {
  const [secret, setSecret] = useState<string | null>(null);
  return (
    <Dialog
      onClose={onClose}
      title={t(texts.newToken)}
      closeOnClickOutside={secret === null}
      closeOnEscape={secret === null}
    >
      {secret === null ? <Form onClose={onClose} onMade={setSecret} /> : <Secret secret={secret} onClose={onClose} />}
    </Dialog>
  );
}

function Form({ onClose, onMade }: { onClose: () => void; onMade: (secret: string) => void }) {
  const client = useQueryClient();
  const [name, setName] = useState('');
  const [scope, setScope] = useState<Scope>('read');
  const [days, setDays] = useState(90);
  const [sites, setSites] = useState<string[]>([]);
  const names = useSiteNames();
  const [problem, setProblem] = useState<Error | null>(null);
  const fields = problem instanceof Problem ? problem.fields : {};
  async function make(): Promise<void> {
    const chosen = sites.length ? sites.map(Number) : null;
    try {
      const { data } = await api.POST(TOKENS, { body: { name, scope, expires_in_days: days, sites: chosen } });
      await client.invalidateQueries({ queryKey: ['get', TOKENS] });
      if (data) onMade(data.token);
    } catch (error) {
      setProblem(error instanceof Error ? error : new Error(String(error)));
    }
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void make();
      }}
    >
      <Stack gap="sm">
        <TextInput
          label={t(texts.tokenName)}
          placeholder={t(texts.tokenNameExample)}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={fields.name}
          maxLength={64}
          required
          data-autofocus
        />
        <NativeSelect
          label={t(texts.scope)}
          data={SCOPES.map((value) => ({ value, label: t(texts[value]) }))}
          value={scope}
          onChange={(event) => setScope(SCOPES.find((one) => one === event.currentTarget.value) ?? 'read')}
        />
        <NativeSelect
          label={t(texts.expires)}
          data={DAYS.map((count) => ({ value: String(count), label: t(texts.days, { count }) }))}
          value={String(days)}
          onChange={(event) => setDays(Number(event.currentTarget.value))}
        />
        <MultiSelect
          label={t(texts.sites)}
          placeholder={sites.length ? undefined : t(texts.everySite)}
          data={[...names].map(([id, label]) => ({ value: String(id), label }))}
          value={sites}
          onChange={setSites}
          error={fields.sites}
          searchable
        />
        {problem && !fields.name && (
          <Text size="sm" role="alert">
            {problem.message}
          </Text>
        )}
      </Stack>
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={onClose}>
          {t(common.cancel)}
        </Button>
        <Button type="submit">{t(texts.create)}</Button>
      </Group>
    </form>
  );
}

function Secret({ secret, onClose }: { secret: string; onClose: () => void }) {
  const example = `curl -H "Authorization: Bearer ${secret}" ${window.location.origin}/api/v1/sites/`;
  return (
    <Stack gap="sm">
      <Text size="sm" role="status">
        {t(texts.once)}
      </Text>
      <Code block className={classes.secret}>
        {secret}
      </Code>
      <Text size="sm" c="dimmed">
        {t(texts.tryIt)}
      </Text>
      <Code block className={classes.secret}>
        {example}
      </Code>
      <Group justify="space-between">
        <CopyButton text={secret} label={t(texts.copyToken)} />
        <Button onClick={onClose}>{t(texts.done)}</Button>
      </Group>
    </Stack>
  );
}
