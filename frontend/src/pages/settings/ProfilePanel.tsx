/** Name, language and theme: kept by the server, so that they follow the person. */

import { Anchor, Button, Group, SegmentedControl, Stack, Switch, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { $api, api } from '@/api/client';
import type { components } from '@/api/schema';
import { changeLanguage, useLanguage, useTheme } from '@/app/preferences';
import { start, type Theme } from '@/app/start';
import { shell } from '@/app/strings';
import { ErrorState, Loading } from '@/components/states';
import { type Language, t } from '@/i18n';
import classes from './Settings.module.css';
import { texts } from './texts';

type Me = components['schemas']['MeOut'];

const LANGUAGES: { value: Language; label: string }[] = [
  { value: 'en', label: 'English' },
  { value: 'it', label: 'Italiano' },
];

export function ProfilePanel() {
  const { data, error, refetch } = $api.useQuery('get', '/api/v1/me/');
  if (error) return <ErrorState what={t(texts.whatProfile)} error={error} onRetry={() => void refetch()} />;
  if (!data) return <Loading lines={3} height={56} />;
  return (
    <Stack gap="lg" maw={560}>
      <span className="dimmed">{t(texts.signedInAs, { name: data.username, role: data.role ?? t(shell.noRole) })}</span>
      <Name me={data} />
      <LanguageChoice />
      <ThemeChoice />
      <SingleKeys me={data} />
      <div>
        <Anchor href="/second-factor/">{t(texts.secondFactor)}</Anchor>
        <div className="dimmed">{t(texts.secondFactorWhy)}</div>
      </div>
    </Stack>
  );
}

function Name({ me }: { me: Me }) {
  const client = useQueryClient();
  const [name, setName] = useState(me.name);
  const [failure, setFailure] = useState<string | null>(null);
  const [isSaved, setSaved] = useState(false);
  async function save(): Promise<void> {
    try {
      const { data } = await api.PATCH('/api/v1/me/', { body: { name } });
      start.name = data?.name ?? name;
      setSaved(true);
      setFailure(null);
      await client.invalidateQueries({ queryKey: ['get', '/api/v1/me/'] });
    } catch (error) {
      setFailure(error instanceof Error ? error.message : String(error));
    }
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <Group align="flex-end" gap={8} wrap="nowrap">
        <TextInput
          style={{ flex: 1 }}
          label={t(texts.name)}
          description={t(texts.nameHelp, { username: me.username })}
          value={name}
          onChange={(event) => {
            setName(event.currentTarget.value);
            setSaved(false);
          }}
          error={failure}
          maxLength={150}
        />
        <Button type="submit" variant="default" disabled={name.trim() === me.name && !isSaved}>
          <span aria-live="polite">{t(isSaved ? texts.saved : texts.save)}</span>
        </Button>
      </Group>
    </form>
  );
}

function LanguageChoice() {
  const language = useLanguage();
  const [failure, setFailure] = useState<string | null>(null);
  return (
    <div>
      <div className={classes.label} id="language">
        {t(texts.language)}
      </div>
      <SegmentedControl
        aria-labelledby="language"
        data={LANGUAGES}
        value={language}
        onChange={(next) => {
          changeLanguage(next).catch((error: unknown) => setFailure(String(error)));
        }}
      />
      {failure && <div role="alert">{failure}</div>}
    </div>
  );
}

/** Whoever speaks to the computer, or rests a hand on the keys, does without. */
function SingleKeys({ me }: { me: Me }) {
  const client = useQueryClient();
  const change = $api.useMutation('patch', '/api/v1/me/', {
    onSuccess: (now: Me) => {
      start.single_keys = now.single_keys;
      client.setQueryData(['get', '/api/v1/me/'], now);
      return client.invalidateQueries({ queryKey: ['get', '/api/v1/me/'] });
    },
  });
  return (
    <Switch
      label={t(texts.singleKeys)}
      description={t(texts.singleKeysHelp)}
      checked={me.single_keys}
      disabled={change.isPending}
      error={change.error && String(change.error)}
      onChange={(event) => change.mutate({ body: { single_keys: event.currentTarget.checked } })}
    />
  );
}

function ThemeChoice() {
  const [theme, setTheme] = useTheme();
  const themes: { value: Theme; label: string }[] = [
    { value: 'light', label: t(shell.light) },
    { value: 'dark', label: t(shell.dark) },
    { value: 'auto', label: t(shell.auto) },
  ];
  return (
    <div>
      <div className={classes.label} id="theme">
        {t(texts.theme)}
      </div>
      <SegmentedControl aria-labelledby="theme" data={themes} value={theme} onChange={setTheme} />
      <div className={classes.help}>{t(texts.keptByServer)}</div>
    </div>
  );
}
