/** The keys of a person's programs: made, shown once, used, revoked. */

import { Button, Group, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { $api, api } from '@/api/client';
import type { components } from '@/api/schema';
import { Dialog } from '@/components/Dialog';
import { Icon } from '@/components/icons';
import { RelativeTime } from '@/components/RelativeTime';
import { EmptyState, ErrorState, Loading } from '@/components/states';
import { useNow } from '@/hooks/useNow';
import { t } from '@/i18n';
import { common } from '@/i18n/common';
import { NewToken } from './NewToken';
import classes from './Settings.module.css';
import { texts } from './texts';
import { TOKENS } from './tokens';
import { useSiteNames } from './useSiteNames';

export type Token = components['schemas']['TokenOut'];

export function TokensPanel() {
  const { data, error, isPending, refetch, dataUpdatedAt } = $api.useQuery('get', TOKENS);
  const [isMaking, setMaking] = useState(false);
  const [leaving, setLeaving] = useState<Token | null>(null);
  const make = (
    <Button leftSection={<Icon name="plus" size={16} />} onClick={() => setMaking(true)}>
      {t(texts.newToken)}
    </Button>
  );
  return (
    <>
      <Group justify="space-between" mb="md">
        <span className="dimmed">{t(texts.tokensWhy)}</span>
        {Boolean(data?.items.length) && make}
      </Group>
      {error && (
        <ErrorState
          what={t(texts.what)}
          error={error}
          onRetry={() => void refetch()}
          {...(data && { shownFrom: dataUpdatedAt })}
        />
      )}
      {isPending && <Loading lines={3} height={64} />}
      {data?.items.length === 0 && (
        <EmptyState title={t(texts.none)} icon="lock" action={make}>
          {t(texts.noneWhy)}
        </EmptyState>
      )}
      <ul className={classes.tokens}>
        {data?.items.map((token) => (
          <TokenRow key={token.id} token={token} onRevoke={() => setLeaving(token)} />
        ))}
      </ul>
      {isMaking && <NewToken onClose={() => setMaking(false)} />}
      {leaving && <RevokeDialog token={leaving} onClose={() => setLeaving(null)} />}
    </>
  );
}

function TokenRow({ token, onRevoke }: { token: Token; onRevoke: () => void }) {
  const names = useSiteNames();
  const sites = token.sites?.map((id) => names.get(id) ?? `#${id}`).join(', ');
  const isOver = Date.parse(token.expires_at) < useNow();
  return (
    <li className={classes.token}>
      <div className={classes.tokenName}>
        <strong>{token.name}</strong>
        <span className="dimmed">
          <span className="mono">{token.prefix}…</span> · {t(texts[token.scope])}
          {sites && ` · ${t(texts.only, { sites })}`}
        </span>
      </div>
      <dl className={classes.times}>
        <div>
          <dt>{t(texts.lastUsed)}</dt>
          <dd>
            <RelativeTime at={token.last_used_at} />
          </dd>
        </div>
        <div>
          <dt>{t(texts.created)}</dt>
          <dd>
            <RelativeTime at={token.created_at} />
          </dd>
        </div>
        <div>
          <dt>{t(isOver ? texts.ended : texts.ends)}</dt>
          <dd>
            <RelativeTime at={token.expires_at} />
          </dd>
        </div>
      </dl>
      <Button size="xs" variant="default" onClick={onRevoke} aria-label={t(texts.revokeOf, { name: token.name })}>
        {t(texts.revoke)}
      </Button>
    </li>
  );
}

function RevokeDialog({ token, onClose }: { token: Token; onClose: () => void }) {
  const client = useQueryClient();
  const [failure, setFailure] = useState<string | null>(null);
  async function revoke(): Promise<void> {
    try {
      await api.DELETE('/api/v1/tokens/{token_id}/', { params: { path: { token_id: token.id } } });
      await client.invalidateQueries({ queryKey: ['get', TOKENS] });
      onClose();
    } catch (error) {
      setFailure(error instanceof Error ? error.message : String(error));
    }
  }
  return (
    <Dialog onClose={onClose} title={t(texts.revokeTitle, { name: token.name })}>
      <Text size="sm">{t(texts.revokeWhy)}</Text>
      {failure && (
        <Text size="sm" mt="xs" role="alert">
          {failure}
        </Text>
      )}
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={onClose}>
          {t(common.cancel)}
        </Button>
        <Button color="red.9" onClick={() => void revoke()} data-autofocus>
          {t(texts.revoke)}
        </Button>
      </Group>
    </Dialog>
  );
}
