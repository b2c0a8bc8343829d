/** Several connections at once: each is wished for by itself, and those that the server refuses are told. */

import { Button, Checkbox } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/api/client';
import type { ConnectionStatus, SiteOverview } from '@/api/types';
import { t } from '@/i18n';
import classes from './Connections.module.css';
import { StopDialog } from './StopDialog';
import { texts } from './texts';

const PATHS = { start: '/api/v1/mqtt/site/{site_id}/start/', stop: '/api/v1/mqtt/site/{site_id}/stop/' } as const;

type Props = {
  rows: ConnectionStatus[];
  sites: Map<number, SiteOverview>;
  selected: ReadonlySet<number>;
  onSelect: (selected: ReadonlySet<number>) => void;
};

export function SelectionBar({ rows, sites, selected, onSelect }: Props) {
  const client = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const chosen = rows.filter((row) => selected.has(row.site_id));

  async function wishAll(which: keyof typeof PATHS): Promise<void> {
    setAsking(false);
    setBusy(true);
    const failed: string[] = [];
    for (const { site_id } of chosen) {
      await api
        .POST(PATHS[which], { params: { path: { site_id } } })
        .catch((error: unknown) => failed.push(error instanceof Error ? error.message : String(error)));
    }
    setBusy(false);
    setFailure(failed.length ? t(texts.someFailed, { count: failed.length, why: failed[0] ?? '' }) : null);
    onSelect(new Set());
    await client.invalidateQueries({ queryKey: ['get', '/api/v1/mqtt/connection-status/'] });
  }

  return (
    <div className={classes.selection}>
      <Checkbox
        size="xs"
        checked={chosen.length === rows.length}
        indeterminate={chosen.length > 0 && chosen.length < rows.length}
        onChange={(event) => onSelect(new Set(event.currentTarget.checked ? rows.map((row) => row.site_id) : []))}
        label={chosen.length ? t(texts.selected, { count: chosen.length }) : t(texts.selectAll)}
      />
      {chosen.length > 0 && (
        <>
          <Button size="xs" variant="default" loading={isBusy} onClick={() => void wishAll('start')}>
            {t(texts.start)}
          </Button>
          <Button size="xs" variant="default" loading={isBusy} onClick={() => setAsking(true)}>
            {t(texts.stop)}
          </Button>
          <Button size="xs" variant="subtle" onClick={() => onSelect(new Set())}>
            {t(texts.unselect)}
          </Button>
        </>
      )}
      {failure && <span role="alert">{failure}</span>}
      {isAsking && (
        <StopDialog
          rows={chosen}
          sites={sites}
          onClose={() => setAsking(false)}
          onConfirm={() => void wishAll('stop')}
        />
      )}
    </div>
  );
}
