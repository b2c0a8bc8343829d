/** What a site is called and how long it keeps its readings; its administrators change it, and may delete it. */

import { Button, Group, NativeSelect, NumberInput, Stack, Switch, Text, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { $api, api } from '@/api/client';
import { Problem } from '@/api/problem';
import type { Site } from '@/api/types';
import { announce } from '@/components/Announcer';
import { Dialog } from '@/components/Dialog';
import { StaleBar } from '@/components/states';
import { useMay } from '@/hooks/useRole';
import { t } from '@/i18n';
import { common } from '@/i18n/common';
import { count } from '@/i18n/format';
import { types } from '@/pages/overview/strings';
import classes from './Site.module.css';
import { fields, texts } from './strings';

type Draft = Pick<Site, 'name' | 'slug' | 'site_type' | 'timezone' | 'location' | 'is_active' | 'readings_keep_days'>;

function draftOf(site: Site): Draft {
  const { name, slug, site_type, timezone, location, is_active, readings_keep_days } = site;
  return { name, slug, site_type, timezone, location, is_active, readings_keep_days };
}

export default function Settings({ site }: { site: Site }) {
  const client = useQueryClient();
  const isBarred = !useMay('admin', site.id);
  const [draft, setDraft] = useState(() => draftOf(site));
  const [isDeleting, setDeleting] = useState(false);
  const save = $api.useMutation('patch', '/api/v1/sites/{site_id}/', {
    onSuccess: async () => {
      announce(t(texts.saved));
      await client.invalidateQueries();
    },
  });
  const problem = save.error instanceof Problem ? save.error : null;
  const wrong = problem?.fields ?? {};
  const set = (change: Partial<Draft>) => setDraft((now) => ({ ...now, ...change }));
  const changed = changes(draftOf(site), draft);
  const line = (name: 'name' | 'slug' | 'timezone' | 'location', label: string, about?: string) => (
    <TextInput
      label={label}
      description={about}
      value={draft[name]}
      onChange={(event) => set({ [name]: event.currentTarget.value })}
      error={wrong[name]}
      disabled={isBarred}
    />
  );
  return (
    <form
      className={`card ${classes.settings}`}
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate({ params: { path: { site_id: site.id } }, body: changed });
      }}
    >
      {isBarred && <StaleBar>{t(texts.onlyAdmins)}</StaleBar>}
      <Stack gap="md">
        {line('name', t(fields.name))}
        {line('slug', t(fields.slug), t(fields.slugAbout))}
        <NativeSelect
          label={t(fields.type)}
          value={draft.site_type}
          onChange={(event) => set({ site_type: event.currentTarget.value as Draft['site_type'] })}
          data={Object.entries(types).map(([value, text]) => ({ value, label: t(text) }))}
          disabled={isBarred}
        />
        {line('timezone', t(fields.zone))}
        {line('location', t(fields.location))}
        <NumberInput
          label={t(fields.keepDays)}
          description={t(fields.keepDaysAbout)}
          value={draft.readings_keep_days ?? ''}
          onChange={(value) => set({ readings_keep_days: value === '' ? null : Number(value) })}
          error={wrong.readings_keep_days}
          min={1}
          allowDecimal={false}
          disabled={isBarred}
        />
        <Switch
          label={t(fields.isActive)}
          description={t(fields.isActiveAbout)}
          checked={draft.is_active}
          onChange={(event) => set({ is_active: event.currentTarget.checked })}
          disabled={isBarred}
        />
        {problem && Object.keys(wrong).length === 0 && <div role="alert">{problem.message}</div>}
        {!isBarred && (
          <Group justify="space-between">
            <Button variant="default" onClick={() => setDeleting(true)}>
              {t(texts.remove)}
            </Button>
            <Button type="submit" loading={save.isPending} disabled={Object.keys(changed).length === 0}>
              {t(texts.save)}
            </Button>
          </Group>
        )}
      </Stack>
      {isDeleting && <Deletion site={site} onClose={() => setDeleting(false)} />}
    </form>
  );
}

export function changes(before: Draft, after: Draft): Partial<Draft> {
  const names = (Object.keys(after) as (keyof Draft)[]).filter((name) => after[name] !== before[name]);
  return Object.fromEntries(names.map((name) => [name, after[name]]));
}

/** The server says what would go; only who types the site's name deletes it. */
function Deletion({ site, onClose }: { site: Site; onClose: () => void }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [name, setName] = useState('');
  const [failure, setFailure] = useState<string | null>(null);
  const what = $api.useQuery('get', '/api/v1/overview/', { params: { query: { minutes: 60 } } });
  const seen = what.data?.sites.find((each) => each.id === site.id);
  const devices = seen ? [...Object.values(seen.gateways), ...Object.values(seen.dataloggers)] : [];
  const total = devices.reduce((sum, value) => sum + value, 0);
  async function remove(): Promise<void> {
    try {
      const path = { site_id: site.id };
      await api.DELETE('/api/v1/sites/{site_id}/', { params: { path, query: { confirm: name } } });
      await navigate({ to: '/' });
      await client.invalidateQueries();
    } catch (error) {
      setFailure(error instanceof Error ? error.message : String(error));
    }
  }
  return (
    <Dialog onClose={onClose} title={t(texts.removeTitle, { site: site.name })}>
      <Text>
        {t(texts.removeWhy)} {t(texts.devices)} {count(total)}.
      </Text>
      <TextInput
        mt="md"
        label={t(texts.typeName)}
        placeholder={site.name}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={failure}
        data-autofocus
      />
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={onClose}>
          {t(common.cancel)}
        </Button>
        <Button color="red.9" disabled={name !== site.name} onClick={() => void remove()}>
          {t(texts.remove)}
        </Button>
      </Group>
    </Dialog>
  );
}
