/** Topics that the person has pinned, and the button that pins the open one. */

import { ActionIcon, Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Icon } from '@/components/icons';
import { type Bookmark, useBookmarks } from '@/hooks/useBookmarks';
import { t } from '@/i18n';
import { pins as texts } from './strings';
import classes from './Topics.module.css';

export function addressOf(siteId: number, path: string): string {
  return `/topics?${new URLSearchParams({ path, of: String(siteId) })}`;
}

/** Whose topic a pin leads to, and which. */
export function targetOf({ address }: Pick<Bookmark, 'address'>): { path: string; of: number } {
  const search = new URLSearchParams(address.split('?')[1] ?? '');
  return { path: search.get('path') ?? '', of: Number(search.get('of')) };
}

export function Pins() {
  const pins = useBookmarks('topic');
  if (!pins.rows.length) return null;
  return (
    <ul className={classes.pins} aria-label={t(texts.pinned)}>
      {pins.rows.map((pin) => (
        <li key={pin.id}>
          <Icon name="pin" size={14} />
          <Link to="/topics" search={targetOf(pin)} className="row-link plain mono" activeProps={{ className: '' }}>
            {targetOf(pin).path}
          </Link>
          <ActionIcon
            size="sm"
            variant="subtle"
            color="gray"
            aria-label={t(texts.unpinOf, { topic: targetOf(pin).path })}
            onClick={() => void pins.forget(pin).catch(() => undefined)}
          >
            <Icon name="close" size={12} />
          </ActionIcon>
        </li>
      ))}
    </ul>
  );
}

export function PinButton({ siteId, path }: { siteId: number; path: string }) {
  const pins = useBookmarks('topic');
  const address = addressOf(siteId, path);
  const pin = pins.rows.find((row) => row.address === address);
  const change = () => (pin ? pins.forget(pin) : pins.keep(`${path} (${siteId})`, address));
  return (
    <Button
      size="compact-xs"
      flex="none"
      variant={pin ? 'light' : 'default'}
      aria-pressed={Boolean(pin)}
      loading={pins.isBusy}
      leftSection={<Icon name="pin" size={13} />}
      title={pins.error ? String(pins.error) : undefined}
      onClick={() => void change().catch(() => undefined)}
    >
      {t(pin ? texts.unpin : texts.pin)}
    </Button>
  );
}
