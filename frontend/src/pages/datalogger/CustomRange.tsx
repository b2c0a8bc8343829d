/** A stretch of time chosen to the minute, in the time of this browser. */

import { Button, Popover, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { t } from '@/i18n';
import type { Stretch } from './ranges';
import { datalogger as texts } from './strings';

export function CustomRange({ stretch, onShow }: { stretch: Stretch; onShow: (stretch: Stretch) => void }) {
  const [isOpen, setOpen] = useState(false);
  const [from, setFrom] = useState('');
  const [to, setTo] = useState('');
  const chosen = { from: Date.parse(from) / 1000, to: Date.parse(to) / 1000 };
  const isWrong = !(chosen.from < chosen.to);

  function open(): void {
    setFrom(local(stretch.from));
    setTo(local(stretch.to));
    setOpen(true);
  }

  return (
    <Popover opened={isOpen} onChange={setOpen} trapFocus position="bottom-end" shadow="md">
      <Popover.Target>
        <Button size="xs" variant="default" onClick={() => (isOpen ? setOpen(false) : open())}>
          {t(texts.custom)}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap={10}>
          <TextInput
            type="datetime-local"
            label={t(texts.from)}
            value={from}
            onChange={(e) => setFrom(e.target.value)}
          />
          <TextInput type="datetime-local" label={t(texts.to)} value={to} onChange={(e) => setTo(e.target.value)} />
          {isWrong && (
            <Text size="xs" role="alert">
              {t(texts.wrongOrder)}
            </Text>
          )}
          <Button
            disabled={isWrong}
            onClick={() => {
              onShow(chosen);
              setOpen(false);
            }}
          >
            {t(texts.apply)}
          </Button>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

/** As an input of this kind takes it: local time, to the minute. */
function local(seconds: number): string {
  const date = new Date(seconds * 1000);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
