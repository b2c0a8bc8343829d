/** Asks a Sparkplug node for its births, and shows what became of it. */

import { Button, Group } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { $api } from '@/api/client';
import { useMay } from '@/hooks/useRole';
import { t } from '@/i18n';
import { COMMANDS, CommandQueue } from './CommandQueue';
import { commands as texts } from './commandStrings';

/** before: what a bridge put before the namespace, with its slash. */
export type SparkplugNode = { group: string; node: string; before?: string };

/** The node of a serial (group/node, group/node/device). */
export function nodeOf(serial: string): SparkplugNode | null {
  const [group, node] = serial.split('/');
  return group && node ? { group, node } : null;
}

/** The node that publishes on a topic of Sparkplug B. */
export function nodeOfTopic(topic: string): SparkplugNode | null {
  const found = /^(?<before>(?:[^/]+\/)?)spBv1\.0\/(?<group>[^/]+)\/[ND](?:BIRTH|DATA|DEATH|CMD)\/(?<node>[^/]+)/.exec(
    topic,
  );
  const { before, group, node } = found?.groups ?? {};
  return group && node ? { group, node, before } : null;
}

export function Rebirth({ site, group, node, before = '' }: SparkplugNode & { site: number }) {
  const client = useQueryClient();
  const mayAsk = useMay('operator', site);
  const ask = $api.useMutation('post', '/api/v1/commands/rebirth/', {
    onSuccess: () => void client.invalidateQueries({ queryKey: ['get', COMMANDS] }),
  });
  return (
    <>
      {mayAsk && (
        <Group gap={10} mt={10}>
          <Button
            size="xs"
            loading={ask.isPending}
            onClick={() => ask.mutate({ body: { site, group, node, expires_s: 60 } })}
          >
            {t(texts.rebirth)}
          </Button>
          <span className="dimmed">{t(texts.rebirthWhy, { node: `${group}/${node}` })}</span>
        </Group>
      )}
      {ask.error != null && <p role="alert">{ask.error instanceof Error ? ask.error.message : String(ask.error)}</p>}
      <CommandQueue site={site} topic={ask.data?.topic ?? `${before}spBv1.0/${group}/NCMD/${node}`} />
    </>
  );
}
