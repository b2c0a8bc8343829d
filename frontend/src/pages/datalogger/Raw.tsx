/** For administrators: any message to any topic, as it stands. */

import { Button, NativeSelect, Switch, Textarea, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { $api } from '@/api/client';
import { Problem } from '@/api/problem';
import { t } from '@/i18n';
import { COMMANDS, CommandQueue } from './CommandQueue';
import { commands as texts } from './commandStrings';
import classes from './Datalogger.module.css';

export function Raw({ site, begun }: { site: number; begun: string }) {
  const client = useQueryClient();
  const [written, setTopic] = useState<string | null>(null);
  const [text, setText] = useState('');
  const [qos, setQos] = useState<0 | 1>(1);
  const [retain, setRetain] = useState(false);
  const publish = $api.useMutation('post', '/api/v1/commands/raw/', {
    onSuccess: () => void client.invalidateQueries({ queryKey: ['get', COMMANDS] }),
  });
  const topic = written ?? begun;
  const problem = publish.error instanceof Problem ? publish.error : null;

  function send(): void {
    if (retain && !window.confirm(t(texts.publishSure, { topic }))) return;
    publish.mutate({ body: { site, topic, text, qos, retain, expires_s: 300 } });
  }

  return (
    <details className={classes.raw}>
      <summary>{t(texts.raw)}</summary>
      <form
        className={classes.ask}
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        <p className="dimmed">{t(texts.rawWhy)}</p>
        <TextInput
          size="xs"
          label={t(texts.topic)}
          value={topic}
          error={problem?.fields.topic}
          classNames={{ input: 'mono' }}
          spellCheck={false}
          onChange={(event) => setTopic(event.currentTarget.value)}
        />
        <Textarea
          size="xs"
          label={t(texts.message)}
          rows={4}
          value={text}
          classNames={{ input: 'mono' }}
          spellCheck={false}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Switch
          size="xs"
          label={t(texts.retain)}
          checked={retain}
          onChange={(event) => setRetain(event.currentTarget.checked)}
        />
        <div className={classes.askLine}>
          <NativeSelect
            size="xs"
            label={t(texts.qos)}
            value={String(qos)}
            onChange={(event) => setQos(event.currentTarget.value === '0' ? 0 : 1)}
            data={['0', '1']}
          />
          <Button size="xs" type="submit" loading={publish.isPending} disabled={!topic || topic.endsWith('/')}>
            {t(texts.publish)}
          </Button>
        </div>
        {problem && !problem.fields.topic && <p role="alert">{problem.message}</p>}
      </form>
      {publish.data && <CommandQueue site={site} topic={publish.data.topic} />}
    </details>
  );
}
