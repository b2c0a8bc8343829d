/** What stands in the place of a page that has failed; the shell around it goes on. */

import { Button, Group } from '@mantine/core';
import { type ErrorComponentProps, useRouter } from '@tanstack/react-router';
import { useEffect } from 'react';
import { details } from '@/api/problem';
import { CopyButton } from '@/components/CopyButton';
import { EmptyState } from '@/components/states';
import { t } from '@/i18n';
import { common } from '@/i18n/common';
import { shell } from './strings';

/** A page that was left open over an update asks for pieces that are no longer there. */
function isOutdated(error: unknown): boolean {
  return error instanceof Error && /dynamically imported module|module script failed/i.test(error.message);
}

export function RouteError({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  useEffect(() => router.subscribe('onBeforeNavigate', reset), [router, reset]);
  if (isOutdated(error)) {
    return (
      <EmptyState
        title={t(shell.newVersion)}
        isPage
        icon="refresh"
        action={<Button onClick={() => window.location.reload()}>{t(shell.reload)}</Button>}
      />
    );
  }
  return (
    <EmptyState
      title={t(common.broken)}
      isPage
      icon="alert"
      action={
        <Group gap={8}>
          <Button
            variant="default"
            size="xs"
            onClick={() => {
              reset();
              void router.invalidate();
            }}
          >
            {t(common.retry)}
          </Button>
          <CopyButton text={() => traced(error)} label={t(common.copyDetails)} />
        </Group>
      }
    >
      {t(common.brokenWhy)}
    </EmptyState>
  );
}

function traced(error: unknown): string {
  return `${details(error, new Date())}\n${error instanceof Error ? (error.stack ?? '') : ''}`;
}
