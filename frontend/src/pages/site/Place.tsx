/** Where a site lies: its word on a map without tiles, and its coordinates for whatever opens them on this device. */

import { Anchor } from '@mantine/core';
import type { Site, SiteOverview } from '@/api/types';
import { getLanguage, t } from '@/i18n';
import SiteMap from '@/pages/overview/SiteMap';
import classes from './Site.module.css';
import { fields } from './strings';

export default function Place({ site, seen }: { site: Site; seen: SiteOverview }) {
  const { latitude, longitude } = site;
  if (latitude === null || longitude === null) return null;
  return (
    <section className={`card ${classes.panel}`} aria-label={t(fields.location)}>
      <div className={classes.head}>
        <h2>{t(fields.location)}</h2>
        <Anchor size="sm" className="numbers" href={`geo:${latitude},${longitude}`}>
          {degrees(latitude)}, {degrees(longitude)}
        </Anchor>
      </div>
      <SiteMap sites={[{ ...seen, latitude, longitude }]} ratio={2.4} />
    </section>
  );
}

function degrees(value: number): string {
  return `${value.toLocaleString(getLanguage(), { maximumFractionDigits: 5 })}°`;
}
