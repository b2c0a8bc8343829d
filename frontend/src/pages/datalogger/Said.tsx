/** A kept message: its topic, and what it said. */

import { Link } from '@tanstack/react-router';
import type { components } from '@/api/schema';
import { CopyButton } from '@/components/CopyButton';
import { t } from '@/i18n';
import classes from './Datalogger.module.css';
import { lately as texts } from './strings';

export type Message = components['schemas']['MessageOut'];

/** children: what is said of it, before its topic. */
export function Said({ message, children }: { message: Message; children: React.ReactNode }) {
  const { json, text, base64, truncated } = message.shown;
  const words = json === undefined ? (text ?? base64 ?? '') : JSON.stringify(json, null, 2);
  return (
    <>
      <p>
        {children}{' '}
        <Link
          to="/topics"
          search={{ path: message.topic, of: undefined, find: message.topic }}
          className={`mono ${classes.link}`}
        >
          {message.topic}
        </Link>{' '}
        · QoS {message.qos}
      </p>
      <pre className={classes.payload}>{words}</pre>
      <CopyButton text={words} />
      {truncated !== undefined && <span className="dimmed"> {t(texts.cut)}</span>}
    </>
  );
}
