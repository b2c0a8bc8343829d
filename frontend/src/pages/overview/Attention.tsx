/** The list of what needs attention, each with its reason and the one way to what mends it. */

import { Button } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { LinkButton } from '@/components/LinkButton';
import { RelativeTime } from '@/components/RelativeTime';
import { StatusBadge, StatusIcon } from '@/components/StatusBadge';
import { useMay } from '@/hooks/useRole';
import { t } from '@/i18n';
import { words } from '@/i18n/common';
import classes from './Attention.module.css';
import type { Item, Known } from './attention';
import { texts } from './strings';

const Acknowledge = lazy(() => import('./Acknowledge'));

const AT_FIRST = 6;

type Props = {
  items: Item[];
  /** There are more than were asked for. */
  isCut: boolean;
};

export function Attention({ items, isCut }: Props) {
  const [isOpen, setOpen] = useState(false);
  if (items.length === 0) {
    return (
      <section className={`card ${classes.well}`}>
        <StatusBadge word="live" label={t(texts.allWell)} />
      </section>
    );
  }
  const unknown = items.filter((item) => !item.known);
  const known = items.filter((item) => item.known);
  const shown = isOpen ? unknown : unknown.slice(0, AT_FIRST);
  return (
    <section aria-labelledby="attention" className={`card ${classes.section}`}>
      <h2 id="attention" className={classes.title}>
        {t(texts.attention)} <span className={classes.count}>{`${unknown.length}${isCut ? '+' : ''}`}</span>
      </h2>
      <ul className={classes.list}>
        {shown.map((item) => (
          <Row key={item.key} item={item} />
        ))}
      </ul>
      {unknown.length === 0 && (
        <div className={classes.row}>
          <StatusIcon word="live" size={18} /> {t(texts.nothingUnknown)}
        </div>
      )}
      {unknown.length > shown.length && (
        <Button variant="subtle" size="xs" className={classes.more ?? ''} onClick={() => setOpen(true)}>
          {t(texts.showAll, { count: unknown.length })}
        </Button>
      )}
      {known.length > 0 && (
        <details className={classes.known}>
          <summary>{t(texts.known, { count: known.length })}</summary>
          <ul className={classes.list}>
            {known.map((item) => (
              <Row key={item.key} item={item} />
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

function Row({ item }: { item: Item }) {
  const word = item.word as keyof typeof words;
  return (
    <li className={classes.row}>
      <StatusIcon word={item.word} size={18} />
      <div className={classes.what}>
        <div className={classes.name}>
          <span className="visually-hidden">{word in words ? `${t(words[word])}: ` : ''}</span>
          <strong>{item.name}</strong>
          {item.place && <span className="dimmed">{item.place}</span>}
        </div>
        <div className={classes.reason}>{item.reason}</div>
        {item.known && <Note known={item.known} />}
      </div>
      <div className={classes.since}>
        <RelativeTime at={item.since} />
      </div>
      <div className={classes.ways}>
        <Acknowledging item={item} />
        <Way item={item} />
      </div>
    </li>
  );
}

/** "Ada, 20 min ago: battery is being changed". */
function Note({ known: { by, at, note } }: { known: Known }) {
  return (
    <div className={classes.note}>
      {by}, <RelativeTime at={at} />
      {note && `: ${note}`}
    </div>
  );
}

function Acknowledging({ item }: { item: Item }) {
  const [isAsking, setAsking] = useState(false);
  const mayOperate = useMay('operator', item.siteId);
  if (!mayOperate) return null;
  return (
    <>
      <Button
        variant="subtle"
        size="xs"
        aria-label={`${t(item.known ? texts.change : texts.acknowledge)} ${item.name}`}
        onClick={() => setAsking(true)}
      >
        {t(item.known ? texts.change : texts.acknowledge)}
      </Button>
      {isAsking && (
        <Suspense>
          <Acknowledge item={item} onClose={() => setAsking(false)} />
        </Suspense>
      )}
    </>
  );
}

function Way({ item }: { item: Item }) {
  const id = String(item.id);
  if (item.kind === 'datalogger') {
    return (
      <LinkButton variant="default" size="xs" to="/dataloggers/$id" params={{ id }}>
        {t(texts.seeDevice)}
      </LinkButton>
    );
  }
  if (item.kind === 'connection') {
    return (
      <LinkButton variant="default" size="xs" to="/connections">
        {t(texts.seeConnection)}
      </LinkButton>
    );
  }
  return (
    <LinkButton variant="default" size="xs" to="/sites/$id" params={{ id }}>
      {t(texts.seeSite)}
    </LinkButton>
  );
}
