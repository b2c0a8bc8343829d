/** What belongs to the person, their programs' tokens, who may do what, how long it is kept, and what runs here. */

import { Tabs } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { oneOf } from '@/app/search';
import { shell } from '@/app/strings';
import { PageHeader } from '@/components/PageHeader';
import { Loading } from '@/components/states';
import { useMay } from '@/hooks/useRole';
import { t } from '@/i18n';
import { About } from './About';
import { ProfilePanel } from './ProfilePanel';
import { TABS } from './search';
import { TokensPanel } from './TokensPanel';
import { texts } from './texts';

const PeoplePanel = lazy(() => import('./PeoplePanel'));
const RetentionPanel = lazy(() => import('./RetentionPanel'));
const PANELS = {
  profile: ProfilePanel,
  tokens: TokensPanel,
  people: PeoplePanel,
  retention: RetentionPanel,
  about: About,
};

export function SettingsPage() {
  const { tab = 'profile' } = useSearch({ from: '/settings' });
  const navigate = useNavigate({ from: '/settings' });
  const Panel = PANELS[tab];
  const isAdmin = useMay('admin');
  const tabs = TABS.filter((name) => name !== 'people' || isAdmin);
  return (
    <>
      <PageHeader title={t(shell.settings)} />
      <Tabs
        value={tab}
        onChange={(value) => void navigate({ search: { tab: oneOf(TABS, value) }, replace: true })}
        keepMounted={false}
      >
        <Tabs.List mb="lg">
          {tabs.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {t(texts[name])}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={tab}>
          <Suspense fallback={<Loading lines={3} />}>
            <Panel />
          </Suspense>
        </Tabs.Panel>
      </Tabs>
    </>
  );
}
