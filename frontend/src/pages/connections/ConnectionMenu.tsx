/** What can be done with a connection beside switching it. */

import { ActionIcon, Menu } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '@/api/client';
import type { ConnectionStatus } from '@/api/types';
import { DeleteDialog } from '@/components/DeleteDialog';
import { Icon } from '@/components/icons';
import { useMay } from '@/hooks/useRole';
import { useSwitch } from '@/hooks/useSwitch';
import { t } from '@/i18n';
import classes from './Connections.module.css';
import { TestDialog } from './TestDialog';
import { texts } from './texts';

type Props = {
  row: ConnectionStatus;
  isOpen: boolean;
  onToggle: () => void;
  onFailure: (words: string | null) => void;
};

export function ConnectionMenu({ row, isOpen, onToggle, onFailure }: Props) {
  const navigate = useNavigate({ from: '/connections' });
  const { discover } = useSwitch(row.site_id);
  const [isDeleting, setDeleting] = useState(false);
  const [isTesting, setTesting] = useState(false);
  const mayOperate = useMay('operator', row.site_id);
  const mayAdminister = useMay('admin', row.site_id);
  const { site_id: site, site_name, connection_id: edit } = row;
  const begin = () =>
    void discover().catch((error: unknown) => onFailure(error instanceof Error ? error.message : String(error)));
  return (
    <div className={classes.actions}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="lg"
        aria-expanded={isOpen}
        aria-label={t(texts.more, { site: site_name })}
        onClick={onToggle}
      >
        <Icon name={isOpen ? 'up' : 'down'} />
      </ActionIcon>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t(texts.actions, { site: site_name })}>
            <Icon name="more" />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item component={Link} to={`/logs/connection?site=${site}`} leftSection={<Icon name="logs" size={16} />}>
            {t(texts.log)}
          </Menu.Item>
          <Menu.Item component={Link} to={`/topics?site=${site}`} leftSection={<Icon name="topics" size={16} />}>
            {t(texts.topics)}
          </Menu.Item>
          {mayOperate && (
            <>
              <Menu.Item leftSection={<Icon name="check" size={16} />} onClick={() => setTesting(true)}>
                {t(texts.test)}
              </Menu.Item>
              <Menu.Item leftSection={<Icon name="radar" size={16} />} onClick={begin}>
                {t(texts.discover)}
              </Menu.Item>
            </>
          )}
          {mayAdminister && (
            <>
              <Menu.Divider />
              <Menu.Item
                leftSection={<Icon name="settings" size={16} />}
                onClick={() => void navigate({ search: (now) => ({ ...now, edit }) })}
              >
                {t(texts.edit)}
              </Menu.Item>
              <Menu.Item
                leftSection={<Icon name="copy" size={16} />}
                onClick={() => void navigate({ search: (now) => ({ ...now, add: true, edit }) })}
              >
                {t(texts.duplicate)}
              </Menu.Item>
              <Menu.Item leftSection={<Icon name="close" size={16} />} onClick={() => setDeleting(true)}>
                {t(texts.remove)}
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      {isTesting && <TestDialog row={row} onClose={() => setTesting(false)} />}
      {isDeleting && <Deletion row={row} onClose={() => setDeleting(false)} />}
    </div>
  );
}

function Deletion({ row, onClose }: { row: ConnectionStatus; onClose: () => void }) {
  const client = useQueryClient();
  return (
    <DeleteDialog
      title={t(texts.removeTitle, { site: row.site_name })}
      why={t(texts.removeWhy)}
      name={row.site_name}
      action={t(texts.remove)}
      onClose={onClose}
      onDelete={async () => {
        const path = { connection_id: row.connection_id };
        await api.DELETE('/api/v1/connections/{connection_id}/', { params: { path } });
        await client.invalidateQueries();
        onClose();
      }}
    />
  );
}
