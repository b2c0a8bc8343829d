/** What concerns every page: no live connection, a listener that is silent, a new version. */

import { Button } from '@mantine/core';
import { StaleBar } from '@/components/states';
import { useNow } from '@/hooks/useNow';
import { t } from '@/i18n';
import { clock, span } from '@/i18n/format';
import { clockOffset } from '@/live/clock';
import { useLive } from '@/live/store';
import { start } from './start';
import { shell } from './strings';

const SAID_AFTER_MS = 5_000;
const PERIODS_OF_SILENCE = 2.5;

export function Bars() {
  return (
    <>
      <VersionBar />
      <ConnectionBar />
      <ListenerBar />
    </>
  );
}

function VersionBar() {
  const build = useLive((live) => live.build);
  if (!build || build === start.build || !start.build) return null;
  return (
    <StaleBar
      action={
        <Button size="xs" variant="default" onClick={() => window.location.reload()}>
          {t(shell.reload)}
        </Button>
      }
    >
      {t(shell.newVersion)}
    </StaleBar>
  );
}

function ConnectionBar() {
  const closedAt = useLive((live) => live.closedAt);
  const heardAt = useLive((live) => live.heardAt);
  const now = useNow() - clockOffset();
  if (closedAt === null || now - closedAt < SAID_AFTER_MS) return null;
  const text = heardAt === null ? t(shell.connectingFirst) : t(shell.reconnecting, { time: clock(heardAt) });
  return <StaleBar>{text}</StaleBar>;
}

/** Reconciles end every period; without any for long, nobody listens to the brokers. */
function ListenerBar() {
  const { isOpen, reconciledAt, reconcilePeriodS } = useLive((live) => live);
  const now = useNow();
  if (!isOpen || reconciledAt === null) return null;
  const silentS = (now - reconciledAt) / 1000;
  if (silentS < PERIODS_OF_SILENCE * reconcilePeriodS) return null;
  return <StaleBar>{t(shell.listenerSilent, { span: span(silentS) })}</StaleBar>;
}
