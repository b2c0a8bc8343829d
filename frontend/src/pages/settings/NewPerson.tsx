/** Makes an account, and shows the link by which its owner chooses a password. */

import { Button, Code, Group, Stack, Text, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { api } from '@/api/client';
import { Problem } from '@/api/problem';
import { CopyButton } from '@/components/CopyButton';
import { Dialog } from '@/components/Dialog';
import { t } from '@/i18n';
import { common } from '@/i18n/common';
import { people } from './people';
import classes from './Settings.module.css';

export function NewPerson({ onClose }: { onClose: () => void }) {
  const [username, setUsername] = useState('');
  const [name, setName] = useState('');
  const [link, setLink] = useState<string | null>(null);
  const [problem, setProblem] = useState<Error | null>(null);
  const fields = problem instanceof Problem ? problem.fields : {};
  async function make(event: FormEvent): Promise<void> {
    event.preventDefault();
    try {
      const { data } = await api.POST('/api/v1/people/', { body: { username, name } });
      if (data) setLink(data.link);
    } catch (error) {
      setProblem(error instanceof Error ? error : new Error(String(error)));
    }
  }
  if (link !== null)
    return (
      <Dialog onClose={onClose} title={t(people.madeTitle, { username })} closeOnClickOutside={false}>
        <Stack gap="sm">
          <Text size="sm" role="status">
            {t(people.linkWhy)}
          </Text>
          <Code block className={classes.secret}>
            {link}
          </Code>
          <Group justify="space-between">
            <CopyButton text={link} label={t(people.copyLink)} />
            <Button onClick={onClose}>{t(common.close)}</Button>
          </Group>
        </Stack>
      </Dialog>
    );
  return (
    <Dialog onClose={onClose} title={t(people.newPerson)}>
      <form onSubmit={(event) => void make(event)}>
        <Stack gap="sm">
          <TextInput
            label={t(people.username)}
            description={t(people.usernameHelp)}
            value={username}
            onChange={(event) => setUsername(event.currentTarget.value)}
            error={fields.username}
            autoCapitalize="none"
            maxLength={150}
            required
            data-autofocus
          />
          <TextInput
            label={t(people.called)}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={fields.name ?? fields.first_name}
            maxLength={150}
          />
          {problem && Object.keys(fields).length === 0 && (
            <Text size="sm" role="alert">
              {problem.message}
            </Text>
          )}
        </Stack>
        <Group justify="flex-end" mt="lg">
          <Button variant="default" onClick={onClose}>
            {t(common.cancel)}
          </Button>
          <Button type="submit">{t(people.make)}</Button>
        </Group>
      </form>
    </Dialog>
  );
}
