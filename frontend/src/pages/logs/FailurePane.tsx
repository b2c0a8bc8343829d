/** One message that could not be read: what it was, and the place that is wrong. */

import { SegmentedControl } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { $api } from '@/api/client';
import type { components } from '@/api/schema';
import { CopyButton } from '@/components/CopyButton';
import { LinkButton } from '@/components/LinkButton';
import { badPaths, bytesOf, hexOf, isBad, markedLines, textOf } from '@/components/payload/payload';
import samples from '@/components/payload/Samples.module.css';
import { payload as words } from '@/components/payload/strings';
import { RoleGate } from '@/components/RoleGate';
import { ErrorState, Loading } from '@/components/states';
import { t } from '@/i18n';
import { shortMoment, bytes as size } from '@/i18n/format';
import classes from './Logs.module.css';
import { Replay } from './Replay';
import { logs as texts } from './strings';

type Failure = components['schemas']['ParsingLogDetail'];
type View = 'pretty' | 'raw' | 'hex';

export function FailurePane({ id }: { id: number }) {
  const found = $api.useQuery('get', '/api/v1/parsing-logs/{log_id}/', { params: { path: { log_id: id } } });
  if (found.error)
    return <ErrorState what={t(texts.failure)} error={found.error} onRetry={() => void found.refetch()} />;
  if (!found.data) return <Loading lines={5} height={36} />;
  return <Shown failure={found.data} />;
}

function Shown({ failure }: { failure: Failure }) {
  const [view, setView] = useState<View>('pretty');
  const bytes = bytesOf(failure.payload);
  const text = textOf(bytes);
  const lines = text === null ? null : markedLines(text);
  const paths = badPaths(failure.error_message);
  const isMarked = view === 'pretty' && lines?.some((line) => isBad(line.path, paths));
  return (
    <section className={`card ${classes.failure}`} aria-label={t(texts.failure)}>
      <h3 className="mono">{failure.topic}</h3>
      <p className="dimmed">
        {shortMoment(failure.received_at)} · {size(bytes.length)} · {t(texts.messageId, { id: failure.id })} ·{' '}
        <Link to="/topics" search={{ site: failure.site_id, path: failure.topic }} className={classes.link}>
          {t(texts.openTopic)}
        </Link>
      </p>
      <p className={classes.why}>{failure.error_message}</p>
      <SegmentedControl
        size="xs"
        aria-label={t(words.view)}
        value={view}
        onChange={(next) => setView(next as View)}
        data={(['pretty', 'raw', 'hex'] as const).map((value) => ({ value, label: t(words[value]) }))}
      />
      <p className={classes.note}>
        {isMarked
          ? t(texts.marked)
          : view === 'pretty' && text !== null && lines === null
            ? t(words.notJson)
            : text === null && view !== 'hex' && t(words.notText)}
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable with the keyboard */}
      <pre className={samples.body} data-wrap={view === 'raw' || undefined} tabIndex={0}>
        {view === 'pretty' && lines
          ? lines.map((line, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a line has no other name
              <div key={index} className={samples.line} data-kind={isBad(line.path, paths) ? 'gone' : undefined}>
                {isBad(line.path, paths) ? <mark>{line.text}</mark> : line.text}
              </div>
            ))
          : view === 'hex' || text === null
            ? hexOf(bytes)
            : text || t(words.empty)}
      </pre>
      {failure.exception_traceback && (
        <details>
          <summary>{t(texts.traceback)}</summary>
          <pre className={classes.trace}>{failure.exception_traceback}</pre>
        </details>
      )}
      <div className={samples.copies}>
        <CopyButton text={failure.topic} label={t(words.copyPath)} />
        {text !== null && <CopyButton text={text} label={t(words.copyPayload)} />}
        <RoleGate needs="operator" siteId={failure.site_id}>
          {(isBarred) =>
            !isBarred && (
              <LinkButton
                size="xs"
                variant="default"
                to="/parsers/$id"
                params={{ id: 'new' }}
                search={{ site: failure.site_id, topic: failure.topic, failure: failure.id }}
              >
                {t(texts.map)}
              </LinkButton>
            )
          }
        </RoleGate>
      </div>
      <div className={classes.wide}>
        <Replay chosen={{ site: failure.site_id, ids: [failure.id], again: true }} label={t(texts.replayOne)} />
      </div>
    </section>
  );
}
