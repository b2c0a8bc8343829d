/** What concerns every page: no live connection, nothing that comes over it, a new version. */

import { Button } from '@mantine/core';
import { CopyButton } from '@/components/CopyButton';
import { StaleBar } from '@/components/states';
import { useNow } from '@/hooks/useNow';
import { t } from '@/i18n';
import { clock, span } from '@/i18n/format';
import { clockOffset } from '@/live/clock';
import { useLive } from '@/live/store';
import classes from './Shell.module.css';
import { start } from './start';
import { interruptions, shell } from './strings';

const SAID_AFTER_MS = 5_000;
const START_LISTENER = 'python manage.py run_mqtt';

export function Bars() {
  return (
    <div className={classes.bars}>
      <VersionBar />
      <ConnectionBar />
      <InterruptionBar />
    </div>
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

/** The connection stands, and nothing comes over it: why, since when, and what to do. */
function InterruptionBar() {
  const interruption = useLive((live) => (live.isOpen ? live.interruption : null));
  const now = useNow();
  if (!interruption || now - interruption.since < SAID_AFTER_MS) return null;
  const { cause, since } = interruption;
  return (
    <StaleBar action={cause === 'listener' && <CopyButton text={START_LISTENER} />}>
      {t(interruptions[cause], { time: clock(since), span: span((now - since) / 1000), command: START_LISTENER })}
    </StaleBar>
  );
}
