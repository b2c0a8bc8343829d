/** What a page or a panel shows instead of data: it loads, it failed, it is empty, it is old, or it is not yours. */

import { Button, Group, Skeleton, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useEffect, useState } from 'react';
import { details, isRefusal } from '@/api/problem';
import { t } from '@/i18n';
import { common } from '@/i18n/common';
import { clock } from '@/i18n/format';
import { CopyButton } from './CopyButton';
import { Icon, type IconName } from './icons';
import classes from './states.module.css';

/** Lines in the shape of what comes; nothing at all for the first moments, so that quick answers do not flicker. */
export function Loading({
  lines = 8,
  height = 40,
  children,
}: {
  lines?: number;
  height?: number;
  children?: ReactNode;
}) {
  const [isSlow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), 150);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div aria-busy="true" style={{ visibility: isSlow ? 'visible' : 'hidden' }}>
      <span className="visually-hidden">{t(common.loading)}</span>
      {children ?? (
        <Stack gap={10}>
          {Array.from({ length: lines }, (_, line) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the lines are all alike
            <Skeleton key={line} height={height} radius="md" />
          ))}
        </Stack>
      )}
    </div>
  );
}

type ErrorProps = {
  /** What could not be loaded: "The devices". */
  what: string;
  error: unknown;
  onRetry?: () => void;
  /** When what is still shown was read, in ms; none when nothing is shown. */
  shownFrom?: number;
  /** It is all that the page shows: its words are the page's heading. */
  isPage?: boolean;
};

/** In the place of the data or, with `shownFrom`, as a bar above what is still shown. */
export function ErrorState({ what, error, onRetry, shownFrom, isPage = false }: ErrorProps) {
  if (isRefusal(error) && !shownFrom) return <NoPermission isPage={isPage} />;
  const message = error instanceof Error ? error.message : String(error);
  return (
    <div className={shownFrom ? classes.bar : classes.place} data-kind="error" role="alert">
      <Icon name="alert" size={shownFrom ? 18 : 28} />
      <div className={classes.words}>
        {isPage ? (
          <Heading isPage>{t(common.cannotLoad, { what })}</Heading>
        ) : (
          <strong>{t(common.cannotLoad, { what })}</strong>
        )}
        <div className={classes.why}>
          {message} {shownFrom ? t(common.stillShown, { time: clock(shownFrom) }) : ''}
        </div>
      </div>
      <Group gap={8}>
        {onRetry && (
          <Button size="xs" variant="default" leftSection={<Icon name="refresh" size={14} />} onClick={onRetry}>
            {t(common.retry)}
          </Button>
        )}
        <CopyButton text={() => details(error, new Date())} label={t(common.copyDetails)} />
      </Group>
    </div>
  );
}

type EmptyProps = { title: string; children?: ReactNode; action?: ReactNode; icon?: IconName; isPage?: boolean };

/** One sentence why, and one way on. */
export function EmptyState({ title, children, action, icon = 'radar', isPage = false }: EmptyProps) {
  return (
    <div className={classes.place}>
      <Icon name={icon} size={28} />
      <div className={classes.words}>
        <Heading isPage={isPage}>{title}</Heading>
        {children && <div className={classes.why}>{children}</div>}
      </div>
      {action}
    </div>
  );
}

/** Of a page that shows nothing else it is the first heading, which takes the focus after a navigation. */
function Heading({ isPage, children }: { isPage: boolean; children: ReactNode }) {
  return (
    <Title order={isPage ? 1 : 2} size="h4" fw={600} tabIndex={isPage ? -1 : undefined}>
      {children}
    </Title>
  );
}

/** A quiet bar above data that may be old. */
export function StaleBar({ children, action }: { children: ReactNode; action?: ReactNode }) {
  return (
    <div className={classes.bar} data-kind="stale" role="status">
      <Icon name="clock" size={18} />
      <Text span size="sm" className={classes.words}>
        {children}
      </Text>
      {action}
    </div>
  );
}

export function NoPermission({ isPage = false }: { isPage?: boolean }) {
  return (
    <EmptyState
      title={t(common.noPermission)}
      isPage={isPage}
      icon="lock"
      action={
        <Button component={Link} to="/" variant="default" size="sm">
          {t(common.toOverview)}
        </Button>
      }
    >
      {t(common.noPermissionWhy)}
    </EmptyState>
  );
}
