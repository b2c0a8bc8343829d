/** Makes a token, and shows it this once. */

import { Code, MultiSelect, NativeSelect, Text, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/api/client';
import type { components } from '@/api/schema';
import { Dialog } from '@/components/Dialog';
import { t } from '@/i18n';
import { MakingForm, ShownOnce } from './Making';
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
  async function make(): Promise<void> {
    const chosen = sites.length ? sites.map(Number) : null;
    const { data } = await api.POST(TOKENS, { body: { name, scope, expires_in_days: days, sites: chosen } });
    await client.invalidateQueries({ queryKey: ['get', TOKENS] });
    if (data) onMade(data.token);
  }
  return (
    <MakingForm make={make} verb={t(texts.create)} shown={['name', 'sites']} onClose={onClose}>
      {(refused) => (
        <>
          <TextInput
            label={t(texts.tokenName)}
            placeholder={t(texts.tokenNameExample)}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={refused.name}
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
            error={refused.sites}
            searchable
          />
        </>
      )}
    </MakingForm>
  );
}

function Secret({ secret, onClose }: { secret: string; onClose: () => void }) {
  const example = `curl -H "Authorization: Bearer ${secret}" ${window.location.origin}/api/v1/sites/`;
  return (
    <ShownOnce secret={secret} why={t(texts.once)} copy={t(texts.copyToken)} done={t(texts.done)} onClose={onClose}>
      <Text size="sm" c="dimmed">
        {t(texts.tryIt)}
      </Text>
      <Code block className={classes.secret}>
        {example}
      </Code>
    </ShownOnce>
  );
}
