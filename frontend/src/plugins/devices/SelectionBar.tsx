/** What can be done with all chosen devices at once. */

import { Button } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { api } from '@/api/client';
import { start } from '@/app/start';
import { Icon } from '@/components/icons';
import type { DataloggerQuery } from '@/hooks/useDataloggers';
import { reaches } from '@/hooks/useRole';
import { t } from '@/i18n';
import { common } from '@/i18n/common';
import { useLive } from '@/live/store';
import { texts as acknowledging } from '@/pages/overview/acknowledging';
import { NoteDialog } from '@/pages/overview/NoteDialog';
import { save } from './csv';
import classes from './Devices.module.css';
import { edit, bulk as texts } from './strings';
import type { Selection } from './useSelection';

const EditDialog = lazy(() => import('./EditDialog'));

/** As many as one request may name. */
const MOST = 200;

type Props = { selection: Selection; query: DataloggerQuery; count: number };

export default function SelectionBar({ selection, query, count }: Props) {
  const { rows } = selection;
  const [isAsking, setAsking] = useState(false);
  const [isEditing, setEditing] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const held = useLive((live) => live.sites);
  const mayOperate = rows.every((row) =>
    reaches(held?.find((site) => site.id === row.site_id)?.role ?? start.role, 'operator'),
  );
  const isNobody = !reaches(start.role, 'operator');
  const isTooMuch = rows.length > MOST;
  const operating = {
    size: 'xs',
    variant: 'default',
    disabled: rows.length === 0 || isTooMuch || !mayOperate,
    title: !mayOperate
      ? t(common.needsRole, { role: 'operator' })
      : isTooMuch
        ? t(texts.tooMany, { count: MOST })
        : undefined,
  };

  async function addAll(): Promise<void> {
    try {
      const { data } = await api.GET('/api/v1/dataloggers/', { params: { query: { ...query, limit: MOST } } });
      selection.add(data?.items ?? []);
      setFailure(null);
    } catch (error) {
      setFailure(error instanceof Error ? error.message : String(error));
    }
  }

  async function acknowledge(note: string): Promise<void> {
    const dataloggers = rows.map((row) => row.id);
    const { data } = await api.POST('/api/v1/acknowledgements/', { body: { dataloggers, note } });
    const passed = rows.length - (data?.length ?? 0);
    setFailure(passed ? t(acknowledging.passedOver, { count: passed }) : null);
    selection.end();
  }

  return (
    <section className={`card ${classes.selection}`} aria-label={t(texts.chosen)}>
      <strong>{t(texts.count, { count: rows.length })}</strong>
      <Button size="xs" variant="subtle" onClick={() => void addAll()}>
        {count > MOST ? t(texts.addFirst, { count: MOST }) : t(texts.addAll, { count })}
      </Button>
      <span className={classes.grow} />
      {!isNobody && (
        <>
          <Button {...operating} onClick={() => setAsking(true)}>
            {t(acknowledging.save)}
          </Button>
          <Button {...operating} onClick={() => setEditing(true)}>
            {t(edit.open)}
          </Button>
        </>
      )}
      <Button
        size="xs"
        variant="default"
        leftSection={<Icon name="download" size={14} />}
        disabled={rows.length === 0}
        onClick={() => save(rows)}
      >
        {t(texts.csv)}
      </Button>
      <Button size="xs" variant="subtle" onClick={selection.end}>
        {t(common.cancel)}
      </Button>
      {failure && <div role="alert">{failure}</div>}
      {isEditing && (
        <Suspense>
          <EditDialog rows={rows} onClose={() => setEditing(false)} onDone={selection.end} />
        </Suspense>
      )}
      {isAsking && (
        <NoteDialog
          title={t(acknowledging.many, { count: rows.length })}
          said={t(texts.count, { count: rows.length })}
          onClose={() => setAsking(false)}
          onSave={acknowledge}
        />
      )}
    </section>
  );
}
