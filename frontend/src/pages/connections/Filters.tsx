/** Which connections are shown. */

import { Select, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useNavigate } from '@tanstack/react-router';
import { oneOf } from '@/app/search';
import { Icon } from '@/components/icons';
import { t } from '@/i18n';
import { words } from '@/i18n/common';
import classes from './Connections.module.css';
import { type ConnectionsSearch, STATUSES } from './search';
import { texts } from './texts';

const PAUSE_MS = 250;

export function Filters({ search }: { search: ConnectionsSearch }) {
  const navigate = useNavigate({ from: '/connections' });
  const change = (changes: ConnectionsSearch) =>
    void navigate({ search: (now) => ({ ...now, ...changes, page: undefined }), replace: true });
  const type = useDebouncedCallback((text: string) => change({ search: text || undefined }), PAUSE_MS);
  return (
    <search className={classes.filters}>
      <TextInput
        aria-label={t(texts.search)}
        placeholder={t(texts.search)}
        leftSection={<Icon name="search" size={16} />}
        defaultValue={search.search ?? ''}
        onChange={(event) => type(event.currentTarget.value)}
        type="search"
      />
      <Select
        aria-label={t(texts.status)}
        placeholder={t(texts.anyStatus)}
        data={STATUSES.map((status) => ({ value: status, label: t(words[status]) }))}
        value={search.status ?? null}
        onChange={(value) => change({ status: oneOf(STATUSES, value) })}
        clearable
      />
      <Select
        aria-label={t(texts.wish)}
        placeholder={t(texts.anyWish)}
        data={[
          { value: 'on', label: t(texts.on) },
          { value: 'off', label: t(texts.off) },
        ]}
        value={search.wish ?? null}
        onChange={(value) => change({ wish: oneOf(['on', 'off'], value) })}
        clearable
      />
    </search>
  );
}
