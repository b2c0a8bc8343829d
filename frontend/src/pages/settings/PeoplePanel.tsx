/** Who may do what at a site: its admins give roles and take them; superusers make accounts. */

import { Button, Group, NativeSelect, Stack, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { $api, api } from '@/api/client';
import type { components } from '@/api/schema';
import type { Role } from '@/api/types';
import { announce } from '@/components/Announcer';
import { Icon } from '@/components/icons';
import { EmptyState, ErrorState, Loading } from '@/components/states';
import { t } from '@/i18n';
import { useLive } from '@/live/store';
import { NewPerson } from './NewPerson';
import { people } from './people';
import classes from './Settings.module.css';

type Member = components['schemas']['MemberOut'];
const MEMBERS = '/api/v1/sites/{site_id}/members/';
const MEMBER = '/api/v1/sites/{site_id}/members/{username}/';
export const ROLES: Role[] = ['viewer', 'operator', 'admin'];

export default function PeoplePanel() {
  const sites = useLive((live) => live.sites)?.filter(({ role }) => role === 'admin');
  const me = $api.useQuery('get', '/api/v1/me/');
  const [chosen, setChosen] = useState<number | null>(null);
  const [isMaking, setMaking] = useState(false);
  if (!sites) return <Loading lines={3} height={56} />;
  const site = sites.find(({ id }) => id === chosen) ?? sites[0];
  if (!site)
    return (
      <EmptyState title={t(people.noSite)} icon="lock">
        {t(people.noSiteWhy)}
      </EmptyState>
    );
  return (
    <Stack gap="md" maw={760}>
      <Group justify="space-between" align="flex-end">
        <NativeSelect
          label={t(people.at)}
          data={sites.map(({ id, name }) => ({ value: String(id), label: name }))}
          value={String(site.id)}
          onChange={(event) => setChosen(Number(event.currentTarget.value))}
        />
        {me.data?.is_superuser && (
          <Button variant="default" leftSection={<Icon name="plus" size={16} />} onClick={() => setMaking(true)}>
            {t(people.newPerson)}
          </Button>
        )}
      </Group>
      <Members key={site.id} site={site.id} />
      {isMaking && <NewPerson onClose={() => setMaking(false)} />}
    </Stack>
  );
}

function Members({ site }: { site: number }) {
  const client = useQueryClient();
  const path = { params: { path: { site_id: site } } };
  const { data, error, refetch } = $api.useQuery('get', MEMBERS, path);
  const [failure, setFailure] = useState<string | null>(null);
  async function change(username: string, role: Role | null): Promise<boolean> {
    const params = { path: { site_id: site, username } };
    try {
      if (role) await api.PUT(MEMBER, { params, body: { role } });
      else await api.DELETE(MEMBER, { params });
      setFailure(null);
      announce(t(role ? people.given : people.taken, { username }));
      return true;
    } catch (problem) {
      setFailure(problem instanceof Error ? problem.message : String(problem));
      return false;
    } finally {
      await client.invalidateQueries({ queryKey: ['get', MEMBERS] });
    }
  }
  if (error && !data) return <ErrorState what={t(people.what)} error={error} onRetry={() => void refetch()} />;
  if (!data) return <Loading lines={3} height={56} />;
  return (
    <>
      {failure && (
        <div role="alert" className={classes.refused}>
          <Icon name="alert" size={16} /> {failure}
        </div>
      )}
      {data.items.length === 0 && <p className="dimmed">{t(people.nobody)}</p>}
      <ul className={classes.tokens}>
        {data.items.map((member) => (
          <Row key={member.username} member={member} onChange={(role) => void change(member.username, role)} />
        ))}
      </ul>
      <Give onGive={change} />
    </>
  );
}

function Row({ member, onChange }: { member: Member; onChange: (role: Role | null) => void }) {
  const { username } = member;
  return (
    <li className={classes.token}>
      <div className={classes.tokenName}>
        <strong>{member.name || username}</strong>
        <span className="dimmed">
          {username}
          {!member.is_active && ` · ${t(people.barred)}`}
        </span>
      </div>
      <Group gap={8} wrap="nowrap">
        <NativeSelect
          size="xs"
          aria-label={t(people.roleOf, { username })}
          data={ROLES.map((value) => ({ value, label: t(people[value]) }))}
          value={member.role}
          onChange={(event) => onChange(ROLES.find((role) => role === event.currentTarget.value) ?? null)}
        />
        <Button
          size="xs"
          variant="default"
          aria-label={t(people.removeOf, { username })}
          onClick={() => onChange(null)}
        >
          {t(people.remove)}
        </Button>
      </Group>
    </li>
  );
}

/** Somebody who has an account gets a role here. */
function Give({ onGive }: { onGive: (username: string, role: Role) => Promise<boolean> }) {
  const [username, setUsername] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  async function give(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (await onGive(username.trim(), role)) setUsername('');
  }
  return (
    <form onSubmit={(event) => void give(event)}>
      <Group align="flex-end" gap={8}>
        <TextInput
          label={t(people.username)}
          value={username}
          onChange={(event) => setUsername(event.currentTarget.value)}
          autoCapitalize="none"
          maxLength={150}
          required
        />
        <NativeSelect
          label={t(people.role)}
          data={ROLES.map((value) => ({ value, label: t(people[value]) }))}
          value={role}
          onChange={(event) => setRole(ROLES.find((one) => one === event.currentTarget.value) ?? 'viewer')}
        />
        <Button type="submit" disabled={!username.trim()}>
          {t(people.give)}
        </Button>
      </Group>
    </form>
  );
}
