/** Who reads a topic, or why nobody does; what is wished for it; and what a parser would make of its messages. */

import { useState } from 'react';
import { $api } from '@/api/client';
import type { Parser } from '@/api/types';
import { LinkButton } from '@/components/LinkButton';
import { RoleGate } from '@/components/RoleGate';
import { ErrorState } from '@/components/states';
import { t } from '@/i18n';
import { Activation } from './Activation';
import { nearest, type Rule, type Wish, wishFor } from './matching';
import { topics as texts } from './strings';
import classes from './Topics.module.css';
import { Trial } from './Trial';
import type { Topic } from './tree';

const WISHES: Record<Wish, (typeof texts)['wishParsed' | 'wishIgnored' | 'wishMuted' | 'wishNone']> = {
  parsed: texts.wishParsed,
  ignored: texts.wishIgnored,
  muted: texts.wishMuted,
  unwanted: texts.wishNone,
};

type Props = {
  topic: Topic;
  rules: Rule[];
  /** The message that is shown, in base64; null for the newest. */
  sample: string | null;
};

export function ParserPane({ topic, rules, sample }: Props) {
  const parsers = $api.useQuery('get', '/api/v1/parsers/', {}, { staleTime: 300_000 });
  const known = parsers.data ?? [];
  const [reader, setReader] = useState({ topic: topic.id, name: '' });
  const parser = reader.topic === topic.id ? reader.name : '';
  const { wish, rules: taking } = wishFor(rules, topic.site_id, topic.topic_path);
  return (
    <aside className={`card ${classes.parser}`} aria-label={t(texts.parser)}>
      <h2>{t(texts.parser)}</h2>
      {parsers.error && (
        <ErrorState what={t(texts.parser)} error={parsers.error} onRetry={() => void parsers.refetch()} />
      )}
      {topic.is_processable ? <Recognised topic={topic} taking={taking} /> : <Unknown topic={topic} parsers={known} />}
      <h3>{t(texts.wish)}</h3>
      <p>{t(wish === 'parsed' && !topic.is_processable ? texts.unread : WISHES[wish])}</p>
      <RoleGate needs="operator" siteId={topic.site_id}>
        {(isBarred) =>
          !isBarred && (
            <>
              <Activation
                key={`${topic.site_id}:${topic.topic_path}`}
                topic={topic}
                rules={rules}
                wish={wish}
                parsers={known}
                parser={parser}
                onParser={(name) => setReader({ topic: topic.id, name })}
              />
              <Trial key={topic.id} topic={topic} parser={parser} sample={sample} />
              <Mapped topic={topic} />
            </>
          )
        }
      </RoleGate>
    </aside>
  );
}

/** The way to a parser without code: the one that reads the topic, or a new one. */
function Mapped({ topic }: { topic: Topic }) {
  const found = $api.useQuery('get', '/api/v1/mappings/', {
    params: { query: { site: topic.site_id, name: topic.processor_name || undefined, limit: 1 } },
  });
  const mapping = topic.processor_name ? found.data?.items[0] : undefined;
  return mapping ? (
    <LinkButton size="xs" variant="default" to="/parsers/$id" params={{ id: String(mapping.id) }}>
      {t(texts.mapped, { name: mapping.name })}
    </LinkButton>
  ) : (
    <>
      <h3>{t(texts.map)}</h3>
      <p className={classes.note}>{t(texts.mapWhy)}</p>
      <LinkButton
        size="xs"
        variant="default"
        to="/parsers/$id"
        params={{ id: 'new' }}
        search={{ site: topic.site_id, topic: topic.topic_path }}
      >
        {t(texts.map)}
      </LinkButton>
    </>
  );
}

function Recognised({ topic, taking }: { topic: Topic; taking: Rule[] }) {
  const named = taking.find((rule) => rule.parser_name === topic.processor_name);
  return (
    <p>
      <strong>{t(texts.recognisedBy, { parser: topic.processor_name })}</strong>
      <br />
      <span className="dimmed">
        {named
          ? t(texts.byRule, { rule: named.topic_pattern })
          : topic.topic_pattern && t(texts.pattern, { pattern: topic.topic_pattern })}
      </span>
    </p>
  );
}

function Unknown({ topic, parsers }: { topic: Topic; parsers: Parser[] }) {
  const misses = nearest(parsers, topic.topic_path);
  return (
    <>
      <p>
        <strong>{t(texts.nobody)}</strong>
      </p>
      {misses.length > 0 && (
        <>
          <p className="dimmed">{t(texts.nearest)}</p>
          <ul className={classes.misses}>
            {misses.map((miss) => (
              <li key={miss.parser}>
                <span className="mono">{miss.parser}</span>
                <span className="mono dimmed">{miss.pattern}</span>
                <span className="dimmed">
                  {miss.found === null
                    ? t(texts.ends, { level: miss.level, wanted: miss.wanted })
                    : t(texts.differs, { level: miss.level, found: miss.found, wanted: miss.wanted })}
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}
