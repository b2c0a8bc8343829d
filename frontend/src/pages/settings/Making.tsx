/** What windows that make something share: a form that tells what was refused, and a secret that is shown this once. */

import { Button, Code, Group, Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { Problem } from '@/api/problem';
import { CopyButton } from '@/components/CopyButton';
import { t } from '@/i18n';
import { common } from '@/i18n/common';
import classes from './Settings.module.css';

type Fields = Problem['fields'];

interface FormProps {
  /** Rejects with what is to be told. */
  make: () => Promise<void>;
  /** Its word on the button. */
  verb: string;
  onClose: () => void;
  /** The fields whose input shows what was refused in it. */
  shown: string[];
  /** The inputs, given what was refused in each. */
  children: (refused: Fields) => ReactNode;
}

/** What was refused in no field that is shown stands below them all. */
export function MakingForm({ make, verb, onClose, shown, children }: FormProps) {
  const [problem, setProblem] = useState<Error | null>(null);
  const refused = problem instanceof Problem ? problem.fields : {};
  async function submit(): Promise<void> {
    try {
      await make();
    } catch (error) {
      setProblem(error instanceof Error ? error : new Error(String(error)));
    }
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <Stack gap="sm">
        {children(refused)}
        {problem && !shown.some((name) => refused[name]) && (
          <Text size="sm" role="alert">
            {problem.message}
          </Text>
        )}
      </Stack>
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={onClose}>
          {t(common.cancel)}
        </Button>
        <Button type="submit">{verb}</Button>
      </Group>
    </form>
  );
}

interface SecretProps {
  secret: string;
  /** Why it is to be copied now. */
  why: string;
  copy: string;
  done: string;
  onClose: () => void;
  /** More about it, above the buttons. */
  children?: ReactNode;
}

export function ShownOnce({ secret, why, copy, done, onClose, children }: SecretProps) {
  return (
    <Stack gap="sm">
      <Text size="sm" role="status">
        {why}
      </Text>
      <Code block className={classes.secret}>
        {secret}
      </Code>
      {children}
      <Group justify="space-between">
        <CopyButton text={secret} label={copy} />
        <Button onClick={onClose}>{done}</Button>
      </Group>
    </Stack>
  );
}
