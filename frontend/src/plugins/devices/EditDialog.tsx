/** Gives all chosen devices names by a pattern, tags, an interval, or silence for a while. */

import { Button, Group, NativeSelect, NumberInput, Stack, Text, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api } from '@/api/client';
import type { Datalogger } from '@/api/types';
import { announce } from '@/components/Announcer';
import { Dialog } from '@/components/Dialog';
import { t } from '@/i18n';
import { common } from '@/i18n/common';
import { serverNow } from '@/live/clock';
import { renamed, SLOTS, tagsOf } from './renaming';
import { edit as texts } from './strings';

const HOURS = { '1': texts.hour, '8': texts.hours8, '24': texts.day, '168': texts.week } as const;
const SHOWN = 3;

type Props = { rows: Datalogger[]; onClose: () => void; onDone: () => void };

export default function EditDialog({ rows, onClose, onDone }: Props) {
  const client = useQueryClient();
  const [pattern, setPattern] = useState('');
  const [add, setAdd] = useState('');
  const [remove, setRemove] = useState('');
  const [interval, setEvery] = useState<number | string>('');
  const [mute, setMute] = useState('');
  const [failure, setFailure] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const names = renamed(pattern, rows);
  const isEmpty = !pattern.trim() && !tagsOf(add).length && !tagsOf(remove).length && interval === '' && !mute;

  async function save(event: FormEvent): Promise<void> {
    event.preventDefault();
    setBusy(true);
    try {
      await api.PATCH('/api/v1/dataloggers/', {
        body: {
          dataloggers: rows.map((row) => row.id),
          names: pattern.trim() ? Object.fromEntries(names) : {},
          add_tags: tagsOf(add),
          remove_tags: tagsOf(remove),
          ...(interval === '' ? {} : { interval_s: Number(interval) }),
          ...(mute ? { muted_until: mutedUntil(mute) } : {}),
        },
      });
      announce(t(texts.done, { count: rows.length }));
      onDone();
      await client.invalidateQueries({ queryKey: ['get', '/api/v1/dataloggers/'] });
      await client.invalidateQueries({ queryKey: ['get', '/api/v1/dataloggers/facets/'] });
    } catch (error) {
      setFailure(error instanceof Error ? error.message : String(error));
      setBusy(false);
    }
  }

  return (
    <Dialog onClose={onClose} title={t(texts.title, { count: rows.length })}>
      <form onSubmit={(event) => void save(event)}>
        <Stack gap="sm">
          <Text size="sm">{t(texts.about)}</Text>
          <TextInput
            label={t(texts.pattern)}
            description={t(texts.slots, { slots: SLOTS.join(' ') })}
            placeholder={t(texts.example, { n: '{n}' })}
            value={pattern}
            onChange={(event) => setPattern(event.currentTarget.value)}
            data-autofocus
          />
          {pattern.trim() && (
            <Text size="sm" c="dimmed" role="status">
              {[...names.values()].slice(0, SHOWN).join(', ')}
              {rows.length > SHOWN && ' …'}
            </Text>
          )}
          <TextInput
            label={t(texts.addTags)}
            description={t(texts.commas)}
            value={add}
            onChange={(event) => setAdd(event.currentTarget.value)}
          />
          <TextInput
            label={t(texts.removeTags)}
            value={remove}
            onChange={(event) => setRemove(event.currentTarget.value)}
          />
          <NumberInput
            label={t(texts.interval)}
            description={t(texts.intervalAbout)}
            value={interval}
            onChange={setEvery}
            min={1}
            max={31_536_000}
            suffix=" s"
          />
          <NativeSelect
            label={t(texts.mute)}
            description={t(texts.muteAbout)}
            value={mute}
            onChange={(event) => setMute(event.currentTarget.value)}
            data={[
              { value: '', label: t(texts.asItIs) },
              ...Object.entries(HOURS).map(([value, text]) => ({ value, label: t(text) })),
              { value: 'end', label: t(texts.unmute) },
            ]}
          />
          {failure && <div role="alert">{failure}</div>}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {t(common.cancel)}
            </Button>
            <Button type="submit" loading={isBusy} disabled={isEmpty}>
              {t(texts.save)}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

function mutedUntil(hours: string): string | null {
  return hours === 'end' ? null : new Date(serverNow() + Number(hours) * 3_600_000).toISOString();
}
