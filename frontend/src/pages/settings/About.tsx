/** What runs here, ready to be copied into a report. */

import { Anchor, Group, Stack, Text } from '@mantine/core';
import { $api } from '@/api/client';
import { start } from '@/app/start';
import { CopyButton } from '@/components/CopyButton';
import { ErrorState, Loading } from '@/components/states';
import { t } from '@/i18n';
import classes from './Settings.module.css';
import { Support } from './Support';
import { texts } from './texts';

export function About() {
  const { data, error, refetch } = $api.useQuery('get', '/api/v1/system/');
  if (error) return <ErrorState what={t(texts.whatAbout)} error={error} onRetry={() => void refetch()} />;
  if (!data) return <Loading lines={4} height={32} />;
  const versions = Object.entries({ Fieldledger: start.build, ...data.versions });
  const report = [...versions.map(([name, version]) => `${name} ${version}`), navigator.userAgent].join('\n');
  return (
    <Stack gap="md" maw={560}>
      <Text>{t(texts.aboutWhat)}</Text>
      <dl className={classes.versions}>
        {versions.map(([name, version]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{version}</dd>
          </div>
        ))}
        <div>
          <dt>{t(texts.licence)}</dt>
          <dd>MIT</dd>
        </div>
      </dl>
      <Group>
        <CopyButton text={report} label={t(texts.copyAll)} />
        <Anchor href="/api/v1/docs">{t(texts.api)}</Anchor>
        <Anchor href="/api/v1/openapi.json">{t(texts.contract)}</Anchor>
      </Group>
      <Support />
    </Stack>
  );
}
