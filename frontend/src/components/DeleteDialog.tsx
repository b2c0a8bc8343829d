/** Before something is deleted for ever: what goes, and only who types the site's name deletes it. */

import { Button, Group, Text, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { t } from '@/i18n';
import { common } from '@/i18n/common';
import { Dialog } from './Dialog';

type Props = {
  title: string;
  why: ReactNode;
  /** What has to be typed. */
  name: string;
  /** What the button says. */
  action: string;
  onClose: () => void;
  onDelete: (typed: string) => Promise<void>;
};

export function DeleteDialog({ title, why, name, action, onClose, onDelete }: Props) {
  const [typed, setTyped] = useState('');
  const [failure, setFailure] = useState<string | null>(null);
  async function remove(): Promise<void> {
    try {
      await onDelete(typed);
    } catch (error) {
      setFailure(error instanceof Error ? error.message : String(error));
    }
  }
  return (
    <Dialog onClose={onClose} title={title}>
      <Text size="sm">{why}</Text>
      <TextInput
        mt="md"
        label={t(common.typeName)}
        placeholder={name}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        error={failure}
        data-autofocus
      />
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={onClose}>
          {t(common.cancel)}
        </Button>
        <Button color="red.9" disabled={typed !== name} onClick={() => void remove()}>
          {action}
        </Button>
      </Group>
    </Dialog>
  );
}
