/** What a site is called and how long it keeps its readings; its administrators change it, and may delete it. */

import { Button, Group, NativeSelect, NumberInput, SimpleGrid, Stack, Switch, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { $api, api } from '@/api/client';
import { Problem } from '@/api/problem';
import type { Site } from '@/api/types';
import { announce } from '@/components/Announcer';
import { DeleteDialog } from '@/components/DeleteDialog';
import { StaleBar } from '@/components/states';
import { useMay } from '@/hooks/useRole';
import { t } from '@/i18n';
import { count } from '@/i18n/format';
import { types } from '@/pages/overview/strings';
import { downloadSite } from './exporting';
import classes from './Site.module.css';
import { fields, texts } from './strings';

const NAMES = [
  'name', 'slug', 'site_type', 'timezone', 'location', 'is_active', 'readings_keep_days', 'works_from', 'works_to',
  'interval_s', 'latitude', 'longitude',
] as const; // biome-ignore format: a list of names

type Draft = Pick<Site, (typeof NAMES)[number]>;

function draftOf(site: Site): Draft {
  return Object.fromEntries(NAMES.map((name) => [name, site[name]])) as Draft;
}

/** The server keeps pairs whole: both ends of working hours, both coordinates. */
const PAIRS = [
  ['works_from', 'works_to'],
  ['latitude', 'longitude'],
] as const;

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
  const take = useMutation({ mutationFn: () => downloadSite(site) });
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
  const degrees = (name: 'latitude' | 'longitude', label: string, limit: number) => (
    <NumberInput
      label={label}
      value={draft[name] ?? ''}
      onChange={(value) => set({ [name]: value === '' ? null : Number(value) })}
      error={wrong[name]}
      min={-limit}
      max={limit}
      decimalScale={6}
      hideControls
      disabled={isBarred}
    />
  );
  const hour = (name: 'works_from' | 'works_to', label: string) => (
    <TextInput
      type="time"
      label={label}
      value={draft[name]?.slice(0, 5) ?? ''}
      onChange={(event) => set({ [name]: event.currentTarget.value ? `${event.currentTarget.value}:00` : null })}
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
        <SimpleGrid cols={2} spacing="sm">
          {degrees('latitude', t(fields.latitude), 90)}
          {degrees('longitude', t(fields.longitude), 180)}
          {hour('works_from', t(fields.worksFrom))}
          {hour('works_to', t(fields.worksTo))}
        </SimpleGrid>
        <div className={classes.about}>{t(fields.worksAbout)}</div>
        <NumberInput
          label={t(fields.interval)}
          description={t(fields.intervalAbout)}
          value={draft.interval_s ?? ''}
          onChange={(value) => set({ interval_s: value === '' ? null : Number(value) })}
          error={wrong.interval_s}
          min={1}
          hideControls
          disabled={isBarred}
        />
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
        <Group>
          <Button variant="default" onClick={() => take.mutate()} loading={take.isPending}>
            {t(texts.exportJson)}
          </Button>
          <div className={classes.about}>{t(texts.exportAbout)}</div>
        </Group>
        {take.error && <div role="alert">{take.error.message}</div>}
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
  const names = new Set(NAMES.filter((name) => after[name] !== before[name]));
  for (const pair of PAIRS) if (pair.some((name) => names.has(name))) for (const name of pair) names.add(name);
  return Object.fromEntries([...names].map((name) => [name, after[name]]));
}

function Deletion({ site, onClose }: { site: Site; onClose: () => void }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const what = $api.useQuery('get', '/api/v1/overview/', { params: { query: { minutes: 60 } } });
  const seen = what.data?.sites.find((each) => each.id === site.id);
  const devices = seen ? [...Object.values(seen.gateways), ...Object.values(seen.dataloggers)] : [];
  const total = devices.reduce((sum, value) => sum + value, 0);
  return (
    <DeleteDialog
      title={t(texts.removeTitle, { site: site.name })}
      why={`${t(texts.removeWhy)} ${t(texts.devices)} ${count(total)}.`}
      name={site.name}
      action={t(texts.remove)}
      onClose={onClose}
      onDelete={async (confirm) => {
        const path = { site_id: site.id };
        await api.DELETE('/api/v1/sites/{site_id}/', { params: { path, query: { confirm } } });
        await navigate({ to: '/' });
        await client.invalidateQueries();
      }}
    />
  );
}
