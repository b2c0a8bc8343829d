/** The tree, of which only what is in sight is drawn; one walks it with the keys of a tree. */

import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { Icon } from '@/components/icons';
import { RelativeTime } from '@/components/RelativeTime';
import { t } from '@/i18n';
import { count, number } from '@/i18n/format';
import { serverNow } from '@/live/clock';
import { type Rule, wishFor } from './matching';
import { topics as texts } from './strings';
import classes from './Topics.module.css';
import { type Row, typed } from './tree';
import type { Pace } from './useTree';

const ROW_PX = 30;
const NEW_MS = 15 * 60_000;
const TYPING_MS = 800;

type Props = {
  rows: Row[];
  rates: ReadonlyMap<string, Pace>;
  rules: Rule[];
  selected: string | null;
  onSelect: (row: Row) => void;
  onToggle: (row: Row) => void;
};

export function TopicTree({ rows, rates, rules, selected, onSelect, onToggle }: Props) {
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const [current, setCurrent] = useState<string | null>(selected);
  const letters = useRef({ text: '', at: 0 });
  const place = Math.max(
    0,
    rows.findIndex((row) => row.key === (current ?? selected)),
  );
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
    getItemKey: (index) => rows[index]?.key ?? index,
    initialRect: { width: 400, height: 900 },
    useFlushSync: false,
  });

  const known = rows.length > 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the rows have come
  useEffect(() => {
    if (known && selected) virtual.scrollToIndex(place, { align: 'auto' });
  }, [known]);

  function go(to: number): void {
    const row = rows[Math.min(rows.length - 1, Math.max(0, to))];
    if (!row) return;
    setCurrent(row.key);
    virtual.scrollToIndex(rows.indexOf(row), { align: 'auto' });
  }

  function walk(event: KeyboardEvent): void {
    const row = rows[place];
    if (!row || event.ctrlKey || event.metaKey || event.altKey) return;
    const steps: Record<string, () => void> = {
      ArrowDown: () => go(place + 1),
      ArrowUp: () => go(place - 1),
      Home: () => go(0),
      End: () => go(rows.length - 1),
      PageDown: () => go(place + 20),
      PageUp: () => go(place - 20),
      ArrowRight: () => (row.node.has_children && !row.isOpen ? onToggle(row) : go(place + 1)),
      ArrowLeft: () => (row.isOpen ? onToggle(row) : go(rows.findIndex((one) => one.key === row.parent))),
      Enter: () => onSelect(row),
      ' ': () => onSelect(row),
      '*': () => {
        for (const one of rows) if (one.parent === row.parent && one.node.has_children && !one.isOpen) onToggle(one);
      },
    };
    const step = steps[event.key] ?? (/^[\w$-]$/.test(event.key) ? () => type(event.key) : null);
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    step();
  }

  function type(letter: string): void {
    const isFresh = Date.now() - letters.current.at > TYPING_MS;
    letters.current = { text: isFresh ? letter : letters.current.text + letter, at: Date.now() };
    go(typed(rows, place, letters.current.text));
  }

  return (
    <div
      ref={box}
      className={classes.tree}
      role="tree"
      aria-label={t(texts.what)}
      tabIndex={0}
      aria-activedescendant={rows.length ? `${id}-${place}` : undefined}
      onKeyDown={walk}
    >
      <div role="none" style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {virtual.getVirtualItems().map((item) => {
          const row = rows[item.index];
          return (
            row && (
              <Branch
                key={item.key}
                id={`${id}-${item.index}`}
                row={row}
                top={item.start}
                pace={rates.get(row.key)}
                rules={rules}
                isSelected={row.key === selected}
                isCurrent={item.index === place}
                onSelect={() => {
                  setCurrent(row.key);
                  onSelect(row);
                }}
                onToggle={() => {
                  setCurrent(row.key);
                  onToggle(row);
                }}
              />
            )
          );
        })}
      </div>
    </div>
  );
}

type BranchProps = {
  id: string;
  row: Row;
  top: number;
  pace: Pace | undefined;
  rules: Rule[];
  isSelected: boolean;
  isCurrent: boolean;
  onSelect: () => void;
  onToggle: () => void;
};

function Branch({ id, row, top, pace, rules, isSelected, isCurrent, onSelect, onToggle }: BranchProps) {
  const { node, depth, isOpen, isLoading, place, siblings } = row;
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the tree has the focus and says which row is current
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree hears the keys
    <div
      id={id}
      role="treeitem"
      aria-level={depth}
      aria-posinset={place}
      aria-setsize={siblings}
      aria-expanded={node.has_children ? isOpen : undefined}
      aria-selected={isSelected}
      className={classes.branch}
      data-current={isCurrent || undefined}
      style={{ transform: `translateY(${top}px)`, height: ROW_PX, paddingLeft: 8 + (depth - 1) * 16 }}
      onClick={onSelect}
    >
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the right and left keys do the same */}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the right and left keys do the same */}
      <span
        className={classes.twist}
        data-open={isOpen || undefined}
        onClick={(event) => {
          event.stopPropagation();
          if (node.has_children) onToggle();
        }}
      >
        {node.has_children && <Icon name="right" size={14} />}
      </span>
      <span key={pace?.arrivals} className={classes.name} data-pulse={pace?.arrivals ? '' : undefined}>
        {node.name || '∅'}
      </span>
      {isLoading && <span className="dimmed">{t(texts.loadingLevel)}</span>}
      <Chips row={row} rules={rules} />
      <span className={classes.numbers}>
        {pace && pace.rate >= 0.05 && <span>{t(texts.rate, { rate: number(Math.round(pace.rate * 10) / 10) })}</span>}
        <span title={t(texts.messages, { count: node.messages })}>{count(node.messages)}</span>
        <span className={classes.when}>
          <RelativeTime at={node.last_seen_at} />
        </span>
      </span>
    </div>
  );
}

function Chips({ row: { node }, rules }: { row: Row; rules: Rule[] }) {
  const isNew = serverNow() - Date.parse(node.first_seen_at) < NEW_MS;
  const some = { some: node.processable, all: node.topics };
  const isAll = node.processable === node.topics;
  const { wish } = node.topic_id === null ? { wish: null } : wishFor(rules, node.site_id, node.path);
  return (
    <span className={classes.chips}>
      {node.processable > 0 && (
        <Chip
          text={isAll ? 'P' : `P ${node.processable}/${node.topics}`}
          why={isAll ? t(texts.processable) : t(texts.processableOf, some)}
        />
      )}
      {wish === 'parsed' && node.processable > 0 && (
        <Chip text={t(texts.isParsed)} why={t(texts.parsedWhy)} tone="on" />
      )}
      {wish === 'ignored' && <Chip text={t(texts.ignored)} why={t(texts.ignoredWhy)} />}
      {wish === 'muted' && <Chip text={t(texts.muted)} why={t(texts.wishMuted)} />}
      {isNew && <Chip text={t(texts.isNew)} why={t(texts.isNew)} tone="new" />}
    </span>
  );
}

function Chip({ text, why, tone }: { text: string; why: string; tone?: 'on' | 'new' }) {
  return (
    <span className={classes.chip} data-tone={tone} title={why}>
      {text}
    </span>
  );
}
