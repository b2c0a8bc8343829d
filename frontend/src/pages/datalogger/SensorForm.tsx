/** What a sensor is called, the unit its values are seen in, and the limits that they should keep. */

import { Button, Group, NumberInput, SimpleGrid, Stack, Text, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { $api } from '@/api/client';
import { Problem } from '@/api/problem';
import type { Sensor } from '@/api/types';
import { announce } from '@/components/Announcer';
import { Dialog } from '@/components/Dialog';
import { t } from '@/i18n';
import { common } from '@/i18n/common';
import { limits as texts } from './limits';

type Draft = Pick<Sensor, 'label' | 'own_unit' | 'lower_limit' | 'upper_limit'>;

export default function SensorForm({ sensor, onClose }: { sensor: Sensor; onClose: () => void }) {
  const client = useQueryClient();
  const { label, own_unit, lower_limit, upper_limit } = sensor;
  const [draft, setDraft] = useState<Draft>({ label, own_unit, lower_limit, upper_limit });
  const set = (change: Partial<Draft>) => setDraft((now) => ({ ...now, ...change }));
  const save = $api.useMutation('patch', '/api/v1/sensors/{sensor_id}/', {
    onSuccess: async () => {
      announce(t(texts.saved));
      onClose();
      await client.invalidateQueries({ queryKey: ['get', '/api/v1/sensors/'] });
      await client.invalidateQueries({ queryKey: ['chart', sensor.id] });
    },
  });
  const problem = save.error instanceof Problem ? save.error : null;
  const wrong = problem?.fields ?? {};
  const limit = (name: 'lower_limit' | 'upper_limit', title: string) => (
    <NumberInput
      label={title}
      value={draft[name] ?? ''}
      onChange={(value) => set({ [name]: value === '' || value === '-' ? null : Number(value) })}
      error={wrong[name]}
      hideControls
    />
  );
  return (
    <Dialog onClose={onClose} title={t(texts.title, { key: sensor.key })}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate({ params: { path: { sensor_id: sensor.id } }, body: draft });
        }}
      >
        <Stack gap="md">
          <TextInput
            label={t(texts.label)}
            placeholder={sensor.key}
            value={draft.label}
            onChange={(event) => set({ label: event.currentTarget.value })}
            error={wrong.label}
            maxLength={128}
            data-autofocus
          />
          <TextInput
            label={t(texts.unit)}
            description={t(texts.unitAbout)}
            placeholder={sensor.unit}
            value={draft.own_unit}
            onChange={(event) => set({ own_unit: event.currentTarget.value })}
            error={wrong.own_unit}
            maxLength={32}
          />
          <SimpleGrid cols={2} spacing="sm">
            {limit('lower_limit', t(texts.lower))}
            {limit('upper_limit', t(texts.upper))}
          </SimpleGrid>
          <Text size="sm" c="dimmed">
            {t(texts.limitsAbout)}
          </Text>
          {problem && Object.keys(wrong).length === 0 && <div role="alert">{problem.message}</div>}
        </Stack>
        <Group justify="flex-end" mt="lg">
          <Button variant="default" onClick={onClose}>
            {t(common.cancel)}
          </Button>
          <Button type="submit" loading={save.isPending}>
            {t(texts.save)}
          </Button>
        </Group>
      </form>
    </Dialog>
  );
}
