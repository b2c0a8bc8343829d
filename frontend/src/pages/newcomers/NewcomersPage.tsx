/** Devices that a site does not know: how it treats them, who waits, and serials that came up at two sites. */

import { NativeSelect } from '@mantine/core';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Icon } from '@/components/icons';
import { PageHeader } from '@/components/PageHeader';
import { useSites } from '@/hooks/useSites';
import { t } from '@/i18n';
import { Conflicts } from './Conflicts';
import { Newcomers } from './Newcomers';
import classes from './Newcomers.module.css';
import { Policy } from './Policy';
import { newcomers as texts } from './strings';

const route = getRouteApi('/devices/waiting');

export function NewcomersPage() {
  const { site } = route.useSearch();
  const navigate = route.useNavigate();
  const { sites } = useSites();
  return (
    <>
      <Link to="/devices" search={{ site }} className={classes.back}>
        <Icon name="left" size={16} /> {t(texts.back)}
      </Link>
      <PageHeader title={t(texts.title)}>
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
      <Newcomers />
      {site === undefined ? (
        <section className={`card ${classes.panel}`}>
          <h2>{t(texts.policy)}</h2>
          <p className="dimmed">{t(texts.pickSite)}</p>
        </section>
      ) : (
        <Policy key={site} site={site} />
      )}
      <Conflicts site={site} />
    </>
  );
}
