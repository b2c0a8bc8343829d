/** A site's one telling value with its unit; how old it is when it is not fresh. */

import type { SiteOverview } from '@/api/types';
import { useNow } from '@/hooks/useNow';
import { t } from '@/i18n';
import { common } from '@/i18n/common';
import { number, span } from '@/i18n/format';
import classes from './SiteCards.module.css';
import { texts } from './strings';

const FRESH_S = 90;

export function Headline({ site, isBare = false }: { site: SiteOverview; isBare?: boolean }) {
  const now = useNow();
  const told = site.headline;
  if (!told) return null;
  const age = (now - Date.parse(told.at)) / 1000;
  const isOld = age > Math.max(FRESH_S, 2.5 * site.interval_s);
  return (
    <span className={classes.headline} data-bare={isBare || undefined}>
      <span className={classes.number}>{isOld ? '--' : number(told.value)}</span>
      <span className={classes.unit}>{told.unit}</span>
      {!isBare && <span className={classes.told}>{t(texts[told.name])}</span>}
      {isOld && <span className={classes.told}>{t(common.ago, { span: span(age) })}</span>}
    </span>
  );
}
