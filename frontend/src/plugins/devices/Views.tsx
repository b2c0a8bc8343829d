/** Views of the list that the person has kept: filters, order and columns under a name. */

import { ActionIcon, Button, Group, Popover, Stack, TextInput } from '@mantine/core';
import { Link, useLocation } from '@tanstack/react-router';
import { useState } from 'react';
import { Icon } from '@/components/icons';
import { useBookmarks } from '@/hooks/useBookmarks';
import { t } from '@/i18n';
import classes from './Devices.module.css';
import { bulk as texts } from './strings';

export default function Views() {
  const [isOpen, setOpen] = useState(false);
  const views = useBookmarks('view');
  const here = useLocation({ select: withoutLook });
  return (
    <Popover opened={isOpen} onChange={setOpen} position="bottom-end" withinPortal trapFocus>
      <Popover.Target>
        <Button
          variant="default"
          size="xs"
          leftSection={<Icon name="filter" size={14} />}
          onClick={() => setOpen((now) => !now)}
          aria-haspopup="dialog"
          aria-expanded={isOpen}
        >
          {t(texts.views)}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={t(texts.views)}>
        <Stack gap="xs" w={260}>
          {views.rows.length === 0 && <span className="dimmed">{t(texts.noViews)}</span>}
          <ul className={classes.views}>
            {views.rows.map((view) => (
              <li key={view.id}>
                <Link
                  to={view.address}
                  aria-current={view.address === here || undefined}
                  className="row-link plain"
                  onClick={() => setOpen(false)}
                >
                  {view.name}
                </Link>
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  aria-label={t(texts.forgetView, { name: view.name })}
                  onClick={() => void views.forget(view).catch(() => undefined)}
                >
                  <Icon name="close" size={14} />
                </ActionIcon>
              </li>
            ))}
          </ul>
          <Keep isBusy={views.isBusy} onKeep={(name) => void views.keep(name, here).catch(() => undefined)} />
          {views.error && <div role="alert">{String(views.error)}</div>}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

function Keep({ isBusy, onKeep }: { isBusy: boolean; onKeep: (name: string) => void }) {
  const [name, setName] = useState('');
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onKeep(name.trim());
        setName('');
      }}
    >
      <Group gap={6} align="flex-end" wrap="nowrap">
        <TextInput
          size="xs"
          style={{ flex: 1 }}
          label={t(texts.keepView)}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          maxLength={100}
        />
        <Button size="xs" type="submit" variant="default" loading={isBusy} disabled={!name.trim()}>
          {t(texts.keep)}
        </Button>
      </Group>
    </form>
  );
}

/** The address of what is shown, without the device that is looked at beside it. */
export function withoutLook({ pathname, searchStr }: { pathname: string; searchStr: string }): string {
  const search = new URLSearchParams(searchStr);
  search.delete('look');
  const text = search.toString();
  return text ? `${pathname}?${text}` : pathname;
}
