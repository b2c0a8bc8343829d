/** A new site: its name and where it stands; its connection comes next. */

import { Button, Group, NativeSelect, Stack, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { $api } from '@/api/client';
import { Problem } from '@/api/problem';
import type { Site } from '@/api/types';
import { Dialog } from '@/components/Dialog';
import { t } from '@/i18n';
import { common } from '@/i18n/common';
import { fields } from '../site/strings';
import { texts, types } from './strings';

type Type = keyof typeof types;

/** "Diga di Valdora" as diga_di_valdora: the first level of its topics, until somebody says otherwise. */
export function slugOf(name: string): string {
  return name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 64);
}

export default function AddSite({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate();
  const client = useQueryClient();
  const [name, setName] = useState('');
  const [slug, setSlug] = useState<string | null>(null);
  const [type, setType] = useState<Type>('other');
  const [zone, setZone] = useState(Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC');
  const [location, setLocation] = useState('');
  const add = $api.useMutation('post', '/api/v1/sites/', {
    onSuccess: async (site: Site) => {
      await client.invalidateQueries({ queryKey: ['get', '/api/v1/overview/'] });
      onClose();
      await navigate({ to: '/sites/$id', params: { id: String(site.id) } });
    },
  });
  const problem = add.error instanceof Problem ? add.error : null;
  const wrong = problem?.fields ?? {};
  return (
    <Dialog onClose={onClose} title={t(texts.addSite)}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          add.mutate({
            body: { name, slug: slug ?? slugOf(name), site_type: type, timezone: zone, location, is_active: true },
          });
        }}
      >
        <Stack gap="sm">
          <TextInput
            label={t(fields.name)}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={wrong.name}
            required
            data-autofocus
          />
          <TextInput
            label={t(fields.slug)}
            description={t(fields.slugAbout)}
            value={slug ?? slugOf(name)}
            onChange={(event) => setSlug(event.currentTarget.value)}
            error={wrong.slug}
            required
          />
          <NativeSelect
            label={t(fields.type)}
            value={type}
            onChange={(event) => setType(event.currentTarget.value as Type)}
            data={Object.entries(types).map(([value, text]) => ({ value, label: t(text) }))}
          />
          <TextInput
            label={t(fields.zone)}
            value={zone}
            onChange={(event) => setZone(event.currentTarget.value)}
            error={wrong.timezone}
            required
          />
          <TextInput
            label={t(fields.location)}
            value={location}
            onChange={(event) => setLocation(event.currentTarget.value)}
            error={wrong.location}
          />
          {problem && Object.keys(wrong).length === 0 && <div role="alert">{problem.message}</div>}
          <Group justify="flex-end" gap="xs" mt="xs">
            <Button variant="default" onClick={onClose}>
              {t(common.cancel)}
            </Button>
            <Button type="submit" loading={add.isPending}>
              {t(texts.addSite)}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
