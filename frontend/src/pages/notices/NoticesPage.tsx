/** Who is told what: the rules of each site, maintenance during which nobody is, what was said, and what is wrong. */

import { NativeSelect, Tabs } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { oneOf } from '@/app/search';
import { shell } from '@/app/strings';
import { PageHeader } from '@/components/PageHeader';
import { useSites } from '@/hooks/useSites';
import { t } from '@/i18n';
import { Incidents } from './Incidents';
import { Log } from './Log';
import { Maintenance } from './Maintenance';
import { Rules } from './Rules';
import { TABS } from './search';
import { notices as texts } from './strings';

const route = getRouteApi('/notices');
const PANELS = { rules: Rules, maintenance: Maintenance, log: Log, incidents: Incidents };

export function NoticesPage() {
  const { site, tab = 'rules' } = route.useSearch();
  const navigate = route.useNavigate();
  const { sites } = useSites();
  const Panel = PANELS[tab];
  return (
    <>
      <PageHeader title={t(shell.notices)}>
        <NativeSelect
          size="xs"
          aria-label={t(texts.site)}
          value={site ?? ''}
          onChange={(event) =>
            void navigate({ search: (now) => ({ ...now, site: Number(event.target.value) || undefined }) })
          }
          data={[
            { value: '', label: t(texts.allSites) },
            ...sites.map((one) => ({ value: String(one.id), label: one.name })),
          ]}
        />
      </PageHeader>
      <Tabs
        value={tab}
        onChange={(next) => void navigate({ search: (now) => ({ ...now, tab: oneOf(TABS, next) }), replace: true })}
        keepMounted={false}
      >
        <Tabs.List mb="lg" aria-label={t(texts.parts)}>
          {TABS.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {t(texts[name])}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={tab}>
          <Panel site={site} />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}
