/** Asks for the note that goes with an acknowledgement. */

import { Button, Group, Text, Textarea } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { announce } from '@/components/Announcer';
import { Dialog } from '@/components/Dialog';
import { t } from '@/i18n';
import { common } from '@/i18n/common';
import { texts } from './acknowledging';

const LONGEST = 500;

type Props = {
  title: string;
  /** What is told to those who listen once it is done. */
  said: string;
  note?: string | undefined;
  onClose: () => void;
  onSave: (note: string) => Promise<void>;
  onTakeBack?: (() => Promise<void>) | undefined;
};

export function NoteDialog({ title, said, note: before = '', onClose, onSave, onTakeBack }: Props) {
  const client = useQueryClient();
  const [note, setNote] = useState(before);
  const [failure, setFailure] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  async function carryOut(what: () => Promise<void>): Promise<void> {
    setBusy(true);
    try {
      await what();
      announce(said);
      onClose();
      await client.invalidateQueries({ queryKey: ['get', '/api/v1/acknowledgements/'] });
    } catch (error) {
      setFailure(error instanceof Error ? error.message : String(error));
      setBusy(false);
    }
  }
  return (
    <Dialog onClose={onClose} title={title}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void carryOut(() => onSave(note));
        }}
      >
        <Text size="sm">{t(texts.about)}</Text>
        <Textarea
          mt="md"
          label={t(texts.note)}
          placeholder={t(texts.example)}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
          maxLength={LONGEST}
          rows={3}
          error={failure}
          data-autofocus
        />
        <Group justify="flex-end" mt="lg">
          <Button variant="default" onClick={onClose}>
            {t(common.cancel)}
          </Button>
          {onTakeBack && (
            <Button variant="default" disabled={isBusy} onClick={() => void carryOut(onTakeBack)}>
              {t(texts.takeBack)}
            </Button>
          )}
          <Button type="submit" loading={isBusy}>
            {t(texts.save)}
          </Button>
        </Group>
      </form>
    </Dialog>
  );
}
