/** Writes the wish that a topic, or all that a filter takes, be parsed or ignored. */

import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { $api } from '@/api/client';
import type { Parser } from '@/api/types';
import { announce } from '@/components/Announcer';
import { useKeys } from '@/hooks/useKeys';
import { t } from '@/i18n';
import { isFilter, type Rule, type Wish } from './matching';
import { topics as texts } from './strings';
import classes from './Topics.module.css';
import type { Topic } from './tree';

type Props = {
  topic: Topic;
  rules: Rule[];
  wish: Wish;
  parsers: Parser[];
  /** Empty: whoever recognises it. */
  parser: string;
  onParser: (name: string) => void;
};

export function Activation({ topic, rules, wish, parsers, parser, onParser }: Props) {
  const client = useQueryClient();
  const [pattern, setPattern] = useState(topic.topic_path);
  const link = $api.useQuery('get', '/api/v1/connections/', { params: { query: { site: topic.site_id, limit: 1 } } });
  const isValid = isFilter(pattern);
  const takes = $api.useQuery(
    'get',
    '/api/v1/discovered-topics/',
    { params: { query: { site: topic.site_id, match: pattern, limit: 1 } } },
    { enabled: isValid },
  );
  const onSuccess = () => {
    announce(t(texts.applied));
    for (const path of ['/api/v1/topics/', '/api/v1/discovered-topics/', '/api/v1/topic-templates/'])
      void client.invalidateQueries({ queryKey: ['get', path] });
  };
  const make = $api.useMutation('post', '/api/v1/topics/', { onSuccess });
  const alter = $api.useMutation('patch', '/api/v1/topics/{topic_id}/', { onSuccess });
  const connection = link.data?.items[0];
  const isBusy = make.isPending || alter.isPending;
  const error = make.error ?? alter.error;
  const isOn = wish === 'parsed' && topic.is_processable;
  const needsParser = !topic.is_processable && parser === '';

  function write(is_active: boolean): void {
    const known = rules.find((rule) => rule.site_id === topic.site_id && rule.topic_pattern === pattern);
    const wanted = { is_active, parser_name: is_active ? parser : '' };
    if (known) {
      const body = { ...wanted, ...(known.is_muted ? { is_muted: false } : {}) };
      alter.mutate({ params: { path: { topic_id: known.id } }, body });
    } else if (connection) {
      make.mutate({ body: { connection: connection.id, topic_pattern: pattern, qos_level: 1, ...wanted } });
    }
  }
  useKeys([['a', () => !needsParser && !isBusy && isValid && write(true)]]);

  return (
    <div className={classes.form}>
      <TextInput
        size="xs"
        label={t(texts.forPattern)}
        value={pattern}
        error={isValid ? undefined : t(texts.noFilter)}
        description={isValid && takes.data ? t(texts.wouldMatch, { count: takes.data.count }) : undefined}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        classNames={{ input: 'mono' }}
        onChange={(event) => setPattern(event.target.value)}
      />
      <NativeSelect
        size="xs"
        label={t(texts.readWith)}
        value={parser}
        onChange={(event) => onParser(event.target.value)}
        data={[{ value: '', label: t(texts.registry) }, ...parsers.map(({ name }) => ({ value: name, label: name }))]}
      />
      <div className={classes.buttons}>
        {(!isOn || parser !== '') && (
          <Button
            size="xs"
            disabled={!isValid || needsParser || !connection}
            loading={isBusy}
            aria-keyshortcuts="a"
            onClick={() => write(true)}
          >
            {t(texts.activate)}
          </Button>
        )}
        {isOn && parser === '' && (
          <Button
            size="xs"
            variant="default"
            disabled={!isValid || !connection}
            loading={isBusy}
            onClick={() => write(false)}
          >
            {t(texts.deactivate)}
          </Button>
        )}
      </div>
      {error != null && (
        <p role="alert" className={classes.failed}>
          {error instanceof Error ? error.message : String(error)}
        </p>
      )}
      {(make.isSuccess || alter.isSuccess) && !error && <p className={classes.note}>{t(texts.applied)}</p>}
    </div>
  );
}
