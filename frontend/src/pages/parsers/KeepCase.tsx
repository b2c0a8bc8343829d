/** Keeps the message that is shown as a test case: what one sees becomes what is expected. */

import { Button, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { $api } from '@/api/client';
import type { Tried } from '@/components/trial/TrialResult';
import { t } from '@/i18n';
import { shortMoment } from '@/i18n/format';
import classes from './Parsers.module.css';
import { parsers as texts } from './strings';

export const CASES = '/api/v1/parser-cases/';

type Props = { tried: Tried; site: number; parser: string; version: number };

export function KeepCase({ tried, site, parser, version }: Props) {
  const client = useQueryClient();
  const [name, setName] = useState(`${tried.topic.slice(-90)} ${shortMoment(tried.received_at)}`);
  const keep = $api.useMutation('post', CASES, {
    onSuccess: () => void client.invalidateQueries({ queryKey: ['get', CASES] }),
  });
  if (keep.isSuccess) return <p role="status">{t(texts.caseKept)}</p>;
  const { topic, payload, retain, received_at } = tried;
  return (
    <form
      className={classes.keep}
      onSubmit={(event) => {
        event.preventDefault();
        keep.mutate({ body: { site, name, topic, payload, retain, received_at, parser_name: parser, version } });
      }}
    >
      <TextInput
        size="xs"
        aria-label={t(texts.caseName)}
        value={name}
        maxLength={128}
        error={keep.error instanceof Error ? keep.error.message : undefined}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Button size="xs" variant="default" type="submit" loading={keep.isPending} disabled={payload === null || !name}>
        {t(texts.keepCase)}
      </Button>
      <p className="dimmed">{t(texts.keepCaseWhy)}</p>
    </form>
  );
}
