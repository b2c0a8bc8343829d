/** What belongs to the person: how they like their screens, the tokens of their programs, and what runs here. */

import { Tabs } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { oneOf } from '@/app/search';
import { shell } from '@/app/strings';
import { PageHeader } from '@/components/PageHeader';
import { t } from '@/i18n';
import { About } from './About';
import { ProfilePanel } from './ProfilePanel';
import { TABS } from './search';
import { TokensPanel } from './TokensPanel';
import { texts } from './texts';

const PANELS = { profile: ProfilePanel, tokens: TokensPanel, about: About };

export function SettingsPage() {
  const { tab = 'profile' } = useSearch({ from: '/settings' });
  const navigate = useNavigate({ from: '/settings' });
  const Panel = PANELS[tab];
  return (
    <>
      <PageHeader title={t(shell.settings)} />
      <Tabs
        value={tab}
        onChange={(value) => void navigate({ search: { tab: oneOf(TABS, value) }, replace: true })}
        keepMounted={false}
      >
        <Tabs.List mb="lg">
          {TABS.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {t(texts[name])}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={tab}>
          <Panel />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}
