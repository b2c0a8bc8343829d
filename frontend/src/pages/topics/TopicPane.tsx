/** One topic: its messages, and beside them who reads it. */

import { lazy, Suspense, useEffect, useState } from 'react';
import { $api } from '@/api/client';
import { CopyButton } from '@/components/CopyButton';
import { Samples } from '@/components/payload/Samples';
import { RelativeTime } from '@/components/RelativeTime';
import { EmptyState, ErrorState, Loading } from '@/components/states';
import { useMay } from '@/hooks/useRole';
import { t } from '@/i18n';
import { shortMoment } from '@/i18n/format';
import { nodeOfTopic, Rebirth } from '@/pages/datalogger/Rebirth';
import { ReadAgain } from '@/pages/logs/ReadAgain';
import type { Rule } from './matching';
import { ParserPane } from './ParserPane';
import { PinButton } from './Pins';
import { topics as texts } from './strings';
import classes from './Topics.module.css';
import type { Node } from './tree';

const Tail = lazy(() => import('./Tail'));

const REREAD_MS = 10_000;

type Props = { siteId: number; path: string; node: Node | undefined; rules: Rule[] };

/** A topic or a branch, and below it what arrives there just now. */
export function TopicPane(props: Props) {
  const mayOperate = useMay('operator', props.siteId);
  const [isBranch, setBranch] = useState(false);
  return (
    <>
      <Kept {...props} onBranch={setBranch} />
      {mayOperate && (
        <Suspense>
          <Tail
            key={`${props.siteId} ${props.path}`}
            siteId={props.siteId}
            filter={isBranch ? `${props.path}/#` : props.path}
          />
        </Suspense>
      )}
    </>
  );
}

function Kept({ siteId, path, node, rules, onBranch }: Props & { onBranch: (isBranch: boolean) => void }) {
  const found = $api.useQuery(
    'get',
    '/api/v1/discovered-topics/',
    { params: { query: { site: siteId, match: path, limit: 1 } } },
    { refetchInterval: REREAD_MS },
  );
  const topic = found.data?.items[0];
  const [shown, setShown] = useState<string | null>(null);
  const isBranch = found.data !== undefined && !topic;
  const sparkplug = nodeOfTopic(path);
  useEffect(() => onBranch(isBranch), [isBranch, onBranch]);
  if (found.error && !found.data) {
    return <ErrorState what={t(texts.topic)} error={found.error} onRetry={() => void found.refetch()} />;
  }
  if (!found.data) return <Loading lines={4} height={48} />;
  if (!topic) return <Branch siteId={siteId} path={path} node={node} />;
  return (
    <div className={classes.pane}>
      <section className={`card ${classes.payload}`} aria-label={path}>
        <div className={classes.heading}>
          <h2 className={`mono ${classes.path}`}>{path}</h2>
          <PinButton siteId={siteId} path={path} />
        </div>
        <p className={classes.note}>
          {t(texts.messages, { count: topic.message_count })} ·{' '}
          {t(texts.firstSeen, { at: shortMoment(topic.first_seen_at) })} · {t(texts.lastSeen)}{' '}
          <RelativeTime at={topic.last_seen_at} />
        </p>
        <Samples topicId={topic.id} topic={path} siteId={siteId} onShown={setShown} />
        <ReadAgain site={siteId} topic={path} />
        {sparkplug && <Rebirth site={siteId} {...sparkplug} />}
      </section>
      <ParserPane topic={topic} rules={rules} sample={shown} />
    </div>
  );
}

/** Nothing comes on this level itself. */
function Branch({ siteId, path, node }: Omit<Props, 'rules'>) {
  return (
    <EmptyState
      title={path}
      icon="topics"
      action={
        <>
          <CopyButton text={`${path}/#`} label={t(texts.branchFilter)} /> <PinButton siteId={siteId} path={path} />
        </>
      }
    >
      {t(texts.branch, { topics: t(texts.count, { count: node?.topics ?? 0 }) })}
    </EmptyState>
  );
}
