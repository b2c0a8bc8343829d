/** What is kept of some topics, read again: what failed there, and what the connection keeps as it came. */

import { useMay } from '@/hooks/useRole';
import { t } from '@/i18n';
import classes from './Logs.module.css';
import { Replay } from './Replay';
import { logs as texts } from './strings';

type Props = { site: number; topic: string };

export function ReadAgain({ site, topic }: Props) {
  if (!useMay('operator', site)) return null;
  return (
    <details className={classes.still}>
      <summary>{t(texts.readAgain)}</summary>
      <Replay key={`failures ${topic}`} chosen={{ site, topic }} label={t(texts.readFailed)} />
      <Replay key={`raw ${topic}`} chosen={{ site, topic, source: 'raw' }} label={t(texts.readRaw)} />
    </details>
  );
}
