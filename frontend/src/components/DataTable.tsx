/** A table for thousands of rows: only those in sight are drawn, and it stays a real table; cards on a phone. */

import { Skeleton } from '@mantine/core';
import { columnVisibilityFeature, createColumnHelper, tableFeatures, useTable } from '@tanstack/react-table';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { start } from '@/app/start';
import { usePhone } from '@/hooks/usePhone';
import { t } from '@/i18n';
import { common } from '@/i18n/common';
import classes from './DataTable.module.css';
import { isBare, Line } from './DataTableLine';
import { Icon } from './icons';

export type Column<Row> = {
  id: string;
  header: string;
  cell: (row: Row) => ReactNode;
  /** Under which name one may sort by it; a leading minus is put before it for the other direction. */
  sort?: string;
  width?: number | string;
  align?: 'right';
  /** Not shown. */
  isHidden?: boolean;
};

type Props<Row> = {
  /** What the table lists, for those who do not see it. */
  label: string;
  columns: Column<Row>[];
  /** How many rows there are, loaded or not. */
  count: number;
  /** Undefined while that row has not come. */
  rowAt: (index: number) => Row | undefined;
  rowId: (row: Row) => string | number;
  /** A row on a phone. */
  card: (row: Row) => ReactNode;
  sort?: string | undefined;
  onSort?: (sort: string) => void;
  /** Which rows are in sight, so that they can be fetched. */
  onRange?: (first: number, last: number) => void;
  onOpen?: (row: Row) => void;
  /** Adds attributes to a row: `data-tint` colours one that has just changed. */
  rowProps?: (row: Row) => { 'data-tint'?: string | undefined; 'data-muted'?: boolean | undefined };
  rowHeight?: number;
  cardHeight?: number;
};

const features = tableFeatures({ columnVisibilityFeature });
const NONE: object[] = []; // the table knows the columns; its rows are those in sight
const OVERSCAN = 4;

export function DataTable<Row>(props: Props<Row>) {
  return usePhone() ? <Cards {...props} /> : <Rows {...props} />;
}

/** The rows in sight; the page itself scrolls. */
function useWindow(count: number, size: number, onRange?: (first: number, last: number) => void) {
  const place = useRef<HTMLDivElement>(null);
  const [margin, setMargin] = useState(0);
  useLayoutEffect(() => {
    const box = place.current?.getBoundingClientRect();
    if (box) setMargin(box.top + window.scrollY);
  }, []);
  const virtual = useWindowVirtualizer({
    count,
    estimateSize: () => size,
    overscan: OVERSCAN,
    scrollMargin: margin,
    initialRect: { width: window.innerWidth, height: window.innerHeight },
    useFlushSync: false,
  });
  const items = virtual.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => onRange?.(first, last), [onRange, first, last]);
  const above = items[0] ? items[0].start - margin : 0;
  const below = Math.max(0, virtual.getTotalSize() - (items.at(-1)?.end ?? margin) + margin);
  return { place, items, above, below, measure: virtual.measureElement, show: virtual.scrollToIndex };
}

function Rows<Row>(props: Props<Row>) {
  const { columns, count, rowAt, rowId, rowHeight = 44 } = props;
  const { place, items, above, below, show } = useWindow(count, rowHeight, props.onRange);
  const current = useRowKeys(props, show);
  const helper = useMemo(() => createColumnHelper<typeof features, object>(), []);
  const definitions = useMemo(() => columns.map(({ id, header }) => helper.display({ id, header })), [columns, helper]);
  const columnVisibility = Object.fromEntries(columns.map((column) => [column.id, !column.isHidden]));
  const table = useTable({ features, columns: definitions, data: NONE, state: { columnVisibility } });
  const byId = useMemo(() => new Map(columns.map((column) => [column.id, column])), [columns]);
  const shown = useMemo(() => columns.filter((column) => !column.isHidden), [columns]);
  const waiting = useMemo(() => shown.map(({ id }) => <td key={id} />), [shown]);
  return (
    <div ref={place} className={classes.frame}>
      <table className={classes.table} aria-label={props.label} aria-rowcount={count + 1}>
        <thead>
          {table.getHeaderGroups().map((group) => (
            <tr key={group.id} aria-rowindex={1}>
              {group.headers.map((header) => {
                const column = byId.get(header.column.id);
                return column && <Head key={header.id} column={column} sort={props.sort} onSort={props.onSort} />;
              })}
            </tr>
          ))}
        </thead>
        <tbody>
          {above > 0 && <Spacer height={above} />}
          {items.map(({ index }) => {
            const row = rowAt(index);
            if (row === undefined) {
              // the same few wait for all that are flown over: nothing but their numbers changes
              const key = `waiting-${index % items.length}`;
              return (
                <tr key={key} aria-rowindex={index + 2} style={{ height: rowHeight }} data-waiting>
                  {waiting}
                </tr>
              );
            }
            return (
              <Line
                key={rowId(row)}
                row={row}
                columns={shown}
                index={index}
                height={rowHeight}
                isCurrent={index === current}
                onOpen={props.onOpen}
                {...props.rowProps?.(row)}
              />
            );
          })}
          {below > 0 && <Spacer height={below} />}
        </tbody>
      </table>
    </div>
  );
}

/** `j` and `k` walk through the rows, Enter opens; not while somebody writes. Says where one is. */
function useRowKeys<Row>({ count, rowAt, onOpen }: Props<Row>, show: (index: number) => void): number | null {
  const [current, setCurrent] = useState<number | null>(null);
  useEffect(() => {
    if (!onOpen) return;
    const walk = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || !start.single_keys || !isBare(event.target)) return;
      if (event.key === 'j' || event.key === 'k') {
        const next = current === null ? 0 : current + (event.key === 'j' ? 1 : -1);
        const place = Math.max(0, Math.min(count - 1, next));
        setCurrent(place);
        show(place);
      }
      const row = event.key === 'Enter' && current !== null ? rowAt(current) : undefined;
      if (row !== undefined) onOpen(row);
    };
    window.addEventListener('keydown', walk);
    return () => window.removeEventListener('keydown', walk);
  }, [current, count, rowAt, onOpen, show]);
  return current;
}

function Spacer({ height }: { height: number }) {
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: a row without controls takes no focus
    <tr aria-hidden="true">
      <td className={classes.spacer} style={{ height }} />
    </tr>
  );
}

type HeadProps<Row> = { column: Column<Row>; sort: string | undefined; onSort: ((sort: string) => void) | undefined };

function Head<Row>({ column, sort, onSort }: HeadProps<Row>) {
  const name = column.sort;
  const isUp = name !== undefined && sort === name;
  const isDown = name !== undefined && sort === `-${name}`;
  return (
    <th
      scope="col"
      data-align={column.align}
      style={{ width: column.width }}
      aria-sort={isUp ? 'ascending' : isDown ? 'descending' : undefined}
    >
      {name !== undefined && onSort ? (
        <button
          type="button"
          className={classes.sort}
          title={t(common.sortBy, { column: column.header })}
          onClick={() => onSort(isUp ? `-${name}` : name)}
        >
          {column.header}
          <span className={classes.arrow} data-on={isUp || isDown || undefined}>
            <Icon name={isDown ? 'down' : 'up'} size={13} />
          </span>
        </button>
      ) : (
        column.header
      )}
    </th>
  );
}

function Cards<Row>({ label, count, rowAt, rowId, card, onRange, rowProps, cardHeight = 104 }: Props<Row>) {
  const { place, items, above, below, measure } = useWindow(count, cardHeight, onRange);
  return (
    <div ref={place}>
      <ul className={classes.cards} aria-label={label} style={{ paddingTop: above, paddingBottom: below }}>
        {items.map((item) => {
          const row = rowAt(item.index);
          return (
            <li
              key={row === undefined ? `waiting-${item.index}` : rowId(row)}
              ref={measure}
              data-index={item.index}
              aria-setsize={count}
              aria-posinset={item.index + 1}
              className={classes.card}
            >
              <div className={classes.inner} {...(row !== undefined ? rowProps?.(row) : {})}>
                {row === undefined ? <Skeleton height={cardHeight - 34} /> : card(row)}
              </div>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
