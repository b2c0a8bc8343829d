/** One row of a DataTable, drawn again only when something of it has changed: not because others come into sight. */

import { memo } from 'react';
import type { Column } from './DataTable';

type Props<Row> = {
  row: Row;
  /** Those that are shown. */
  columns: Column<Row>[];
  index: number;
  height: number;
  isCurrent: boolean;
  onOpen: ((row: Row) => void) | undefined;
  'data-tint'?: string | undefined;
  'data-muted'?: boolean | undefined;
};

function AnyLine<Row>({ row, columns, index, height, isCurrent, onOpen, ...marks }: Props<Row>) {
  return (
    <tr
      aria-rowindex={index + 2}
      style={{ height }}
      data-current={isCurrent || undefined}
      data-opens={onOpen !== undefined || undefined}
      onClick={(event) => isBare(event.target) && onOpen?.(row)}
      {...marks}
    >
      {columns.map((column) => (
        <td key={column.id} data-align={column.align}>
          {column.cell(row)}
        </td>
      ))}
    </tr>
  );
}

export const Line = memo(AnyLine) as typeof AnyLine;

/** A click or key on a control of its own is not for the row. */
export function isBare(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    !target.closest('a, button, input, select, textarea, label, [role="menuitem"], [role="dialog"]')
  );
}
