/** What one sees before there is any site: what a site is, and how to get one. */

import { Button, Code } from '@mantine/core';
import { EmptyState } from '@/components/states';
import { t } from '@/i18n';
import { texts } from './strings';

const PICTURE = [
  'dam_1/gateway/1/status',
  'dam_1/gateway/1/dataloggers/telemetry   {"dataloggers": [ … ]}',
  'dam_1/#   is what a connection listens to',
].join('\n');

export function NoSites({ mayAdd, onAdd }: { mayAdd: boolean; onAdd: () => void }) {
  return (
    <EmptyState
      title={t(texts.noSites)}
      icon="overview"
      action={mayAdd && <Button onClick={onAdd}>{t(texts.addSite)}</Button>}
    >
      {mayAdd ? (
        <>
          {t(texts.noSitesWhy)}
          <Code block mt="md" style={{ textAlign: 'left' }}>
            {PICTURE}
          </Code>
        </>
      ) : (
        t(texts.noSitesViewer)
      )}
    </EmptyState>
  );
}
