/** Says that one knows of something that is wrong, with a note for the others; or takes that back. */

import { api } from '@/api/client';
import { t } from '@/i18n';
import { texts } from './acknowledging';
import type { Item } from './attention';
import { NoteDialog } from './NoteDialog';

export default function Acknowledge({ item, onClose }: { item: Item; onClose: () => void }) {
  const { known } = item;
  const kind = item.kind === 'datalogger' ? 'dataloggers' : item.kind === 'gateway' ? 'gateways' : 'sites';
  return (
    <NoteDialog
      title={t(texts.title, { name: item.name })}
      said={t(texts.said, { name: item.name })}
      note={known?.note}
      onClose={onClose}
      onSave={async (note) => {
        await api.POST('/api/v1/acknowledgements/', { body: { [kind]: [item.subject], note } });
      }}
      onTakeBack={
        known &&
        (async () => {
          const path = { acknowledgement_id: known.id };
          await api.DELETE('/api/v1/acknowledgements/{acknowledgement_id}/', { params: { path } });
        })
      }
    />
  );
}
