/** The list of what needs attention, each with its reason and the one way to what mends it. */

import { Button } from '@mantine/core';
import { useState } from 'react';
import { LinkButton } from '@/components/LinkButton';
import { RelativeTime } from '@/components/RelativeTime';
import { StatusBadge, StatusIcon } from '@/components/StatusBadge';
import { t } from '@/i18n';
import { words } from '@/i18n/common';
import classes from './Attention.module.css';
import type { Item } from './attention';
import { texts } from './strings';

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
  const shown = isOpen ? items : items.slice(0, AT_FIRST);
  return (
    <section aria-labelledby="attention" className={`card ${classes.section}`}>
      <h2 id="attention" className={classes.title}>
        {t(texts.attention)} <span className={classes.count}>{`${items.length}${isCut ? '+' : ''}`}</span>
      </h2>
      <ul className={classes.list}>
        {shown.map((item) => (
          <Row key={item.key} item={item} />
        ))}
      </ul>
      {items.length > shown.length && (
        <Button variant="subtle" size="xs" className={classes.more ?? ''} onClick={() => setOpen(true)}>
          {t(texts.showAll, { count: items.length })}
        </Button>
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
      </div>
      <div className={classes.since}>
        <RelativeTime at={item.since} />
      </div>
      <Way item={item} />
    </li>
  );
}

function Way({ item }: { item: Item }) {
  const look = classes.way ?? '';
  const id = String(item.id);
  if (item.kind === 'datalogger') {
    return (
      <LinkButton variant="default" size="xs" className={look} to="/dataloggers/$id" params={{ id }}>
        {t(texts.seeDevice)}
      </LinkButton>
    );
  }
  if (item.kind === 'connection') {
    return (
      <LinkButton variant="default" size="xs" className={look} to="/connections">
        {t(texts.seeConnection)}
      </LinkButton>
    );
  }
  return (
    <LinkButton variant="default" size="xs" className={look} to="/sites/$id" params={{ id }}>
      {t(texts.seeSite)}
    </LinkButton>
  );
}
