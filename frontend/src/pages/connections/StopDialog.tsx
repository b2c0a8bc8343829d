/** Before connections are stopped: which, and what that means for their devices and messages. */

import { Button, Group, List, Text } from '@mantine/core';
import type { ConnectionStatus, SiteOverview } from '@/api/types';
import { Dialog } from '@/components/Dialog';
import { t } from '@/i18n';
import { common } from '@/i18n/common';
import { texts } from './texts';
import { devicesOf } from './useConnections';

const NAMED = 8;

type Props = {
  rows: ConnectionStatus[];
  sites: Map<number, SiteOverview>;
  onClose: () => void;
  onConfirm: () => void;
};

export function StopDialog({ rows, sites, onClose, onConfirm }: Props) {
  const [only] = rows;
  const title =
    rows.length === 1 && only
      ? t(texts.stopTitle, { site: only.site_name })
      : t(texts.stopMany, { count: rows.length });
  const count = rows.reduce((sum, row) => sum + (devicesOf(sites.get(row.site_id))?.all ?? 0), 0);
  return (
    <Dialog onClose={onClose} title={title}>
      {rows.length > 1 && (
        <List size="sm" mb="sm">
          {rows.slice(0, NAMED).map((row) => (
            <List.Item key={row.site_id}>{row.site_name}</List.Item>
          ))}
          {rows.length > NAMED && <List.Item>… +{rows.length - NAMED}</List.Item>}
        </List>
      )}
      <Text size="sm">{t(texts.stopDevices, { count })}</Text>
      <Text size="sm" mt="xs">
        {t(texts.stopMessages)}
      </Text>
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={onClose}>
          {t(common.cancel)}
        </Button>
        <Button color="red.9" onClick={onConfirm} data-autofocus>
          {t(texts.stop)}
        </Button>
      </Group>
    </Dialog>
  );
}
