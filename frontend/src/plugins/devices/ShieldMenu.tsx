/** The shield: start and stop a site's MQTT connection, make it listen to everything, see what it receives. */

import { Button, Menu } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { $api } from '@/api/client';
import type { ConnectionStatus } from '@/api/types';
import { Icon } from '@/components/icons';
import { StaleBar } from '@/components/states';
import { useMay } from '@/hooks/useRole';
import { useSwitch } from '@/hooks/useSwitch';
import { t } from '@/i18n';
import { StopDialog } from '@/pages/connections/StopDialog';
import { mqtt } from './strings';

type Props = { row: ConnectionStatus; onFailure: (words: string | null) => void };

export function ShieldMenu({ row, onFailure }: Props) {
  const { start, stop, discover, isBusy } = useSwitch(row.site_id);
  const [isAsking, setAsking] = useState(false);
  const mayOperate = useMay('operator', row.site_id);
  const siteId = row.site_id;
  async function carryOut(wish: () => Promise<unknown>): Promise<void> {
    onFailure(null);
    try {
      await wish();
    } catch (error) {
      onFailure(error instanceof Error ? error.message : String(error));
    }
  }
  return (
    <>
      <Menu position="bottom-end" withinPortal width={230}>
        <Menu.Target>
          <Button
            variant="default"
            leftSection={<Icon name="shield" size={16} />}
            rightSection={<Icon name="down" size={14} />}
            loading={isBusy}
            aria-label={t(mqtt.menuOf, { site: row.site_name })}
          >
            {t(mqtt.menu)}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>{row.site_name}</Menu.Label>
          {mayOperate && (
            <>
              <Menu.Item
                disabled={row.is_active}
                title={row.is_active ? t(mqtt.alreadyOn) : undefined}
                leftSection={<Icon name="play" size={16} />}
                onClick={() => void carryOut(start)}
              >
                {t(mqtt.start)}
              </Menu.Item>
              <Menu.Item
                disabled={!row.is_active}
                title={row.is_active ? undefined : t(mqtt.alreadyOff)}
                leftSection={<Icon name="pause" size={16} />}
                onClick={() => setAsking(true)}
              >
                {t(mqtt.stop)}
              </Menu.Item>
              <Menu.Item leftSection={<Icon name="radar" size={16} />} onClick={() => void carryOut(discover)}>
                {t(mqtt.discover)}
              </Menu.Item>
              <Menu.Divider />
            </>
          )}
          <Menu.Item component={Link} to={`/topics?site=${siteId}`} leftSection={<Icon name="topics" size={16} />}>
            {t(mqtt.tail)}
          </Menu.Item>
          <Menu.Item
            component={Link}
            to={`/logs/connection?site=${siteId}`}
            leftSection={<Icon name="logs" size={16} />}
          >
            {t(mqtt.log)}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {isAsking && <Asking row={row} onClose={() => setAsking(false)} onConfirm={() => void carryOut(stop)} />}
    </>
  );
}

function Asking({ row, onClose, onConfirm }: { row: ConnectionStatus; onClose: () => void; onConfirm: () => void }) {
  const overview = $api.useQuery('get', '/api/v1/overview/', { params: { query: { minutes: 60 } } });
  const site = overview.data?.sites.find((each) => each.id === row.site_id);
  return (
    <StopDialog
      rows={[row]}
      sites={new Map(site && [[site.id, site]])}
      onClose={onClose}
      onConfirm={() => {
        onClose();
        onConfirm();
      }}
    />
  );
}

/** A wish that was refused, where it was made. */
export function Refused({ why }: { why: string | null }) {
  return why ? <StaleBar>{t(mqtt.refused, { why })}</StaleBar> : null;
}
