/** Tries a connection from the server, step by step: name, port, encryption, sign-in, subscription. */

import { Button, Group, Text } from '@mantine/core';
import { useEffect } from 'react';
import { $api } from '@/api/client';
import type { ConnectionStatus } from '@/api/types';
import { Dialog } from '@/components/Dialog';
import { RelativeTime } from '@/components/RelativeTime';
import { StatusIcon } from '@/components/StatusBadge';
import { ErrorState, Loading } from '@/components/states';
import { t } from '@/i18n';
import { common } from '@/i18n/common';
import { number } from '@/i18n/format';
import classes from './Connections.module.css';
import { steps, texts } from './texts';

const ICONS: Record<string, string> = { ok: 'live', failed: 'down', skipped: 'waiting' };

export function TestDialog({ row, onClose }: { row: ConnectionStatus; onClose: () => void }) {
  const trial = $api.useMutation('post', '/api/v1/connections/{connection_id}/test/');
  const { mutate } = trial;
  const { connection_id } = row;
  useEffect(() => mutate({ params: { path: { connection_id } } }), [mutate, connection_id]);
  return (
    <Dialog onClose={onClose} title={t(texts.testTitle, { site: row.site_name })}>
      {trial.isPending && <Loading lines={5} height={28} />}
      {trial.error && <ErrorState what={t(texts.test)} error={trial.error} />}
      {trial.data && (
        <div role="status">
          <ol className={classes.steps}>
            {trial.data.steps.map((step) => (
              <li key={step.name}>
                <StatusIcon word={ICONS[step.state] ?? 'waiting'} />
                <strong>{step.name in steps ? t(steps[step.name as keyof typeof steps]) : step.name}</strong>
                <span className="dimmed numbers">{step.state !== 'skipped' && `${number(step.took_ms)} ms`}</span>
                <span className={classes.stepWords}>{step.words}</span>
              </li>
            ))}
          </ol>
          {trial.data.certificate_expires_at && (
            <Text size="sm" mt="sm">
              {t(texts.certificateEnds)} <RelativeTime at={trial.data.certificate_expires_at} />
            </Text>
          )}
          <Text size="sm" mt="sm" fw={600}>
            {t(trial.data.ok ? texts.testGood : texts.testBad)}
          </Text>
        </div>
      )}
      <Group justify="flex-end" mt="lg">
        <Button
          variant="default"
          loading={trial.isPending}
          onClick={() => mutate({ params: { path: { connection_id } } })}
        >
          {t(texts.testAgain)}
        </Button>
        <Button onClick={onClose}>{t(common.close)}</Button>
      </Group>
    </Dialog>
  );
}
