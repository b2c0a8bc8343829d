/** Sites where they lie, with their words: a map without tiles, which asks nobody outside. */

import { Link } from '@tanstack/react-router';
import type { SiteOverview } from '@/api/types';
import { StatusIcon } from '@/components/StatusBadge';
import { EmptyState } from '@/components/states';
import { t } from '@/i18n';
import { words } from '@/i18n/common';
import { frameOf, isAtEdge, isPlaced, linesOf, sideOf, spotsOf, widened } from './mapping';
import classes from './SiteMap.module.css';
import { texts } from './strings';

/** More names than that would cover each other. */
const NAMED = 40;

/** ratio: of width to height, where it is not the sites that say it. */
export default function SiteMap({ sites, ratio }: { sites: SiteOverview[]; ratio?: number }) {
  const placed = sites.filter(isPlaced);
  if (!placed.length) {
    return (
      <EmptyState title={t(texts.noPlaces)} icon="pin">
        {t(texts.noPlacesWhy)}
      </EmptyState>
    );
  }
  const frame = ratio ? widened(frameOf(placed), ratio) : frameOf(placed);
  const across = (degrees: number) => `${(100 * (degrees - frame.west)) / (frame.east - frame.west)}%`;
  const down = (degrees: number) => `${(100 * (frame.north - degrees)) / (frame.north - frame.south)}%`;
  return (
    <>
      <div
        className={`card ${classes.map}`}
        style={{ aspectRatio: ratio ?? Math.min(2.4, Math.max(0.8, frame.ratio)) }}
      >
        {linesOf(frame.west, frame.east).map((line) => (
          <span
            key={line}
            className={classes.meridian}
            style={{ left: across(line) }}
            data-edge={isAtEdge(line, frame) || undefined}
            aria-hidden="true"
          >
            {degrees(line, 'E', 'W')}
          </span>
        ))}
        {linesOf(frame.south, frame.north).map((line) => (
          <span key={line} className={classes.parallel} style={{ top: down(line) }} aria-hidden="true">
            {degrees(line, 'N', 'S')}
          </span>
        ))}
        <ul aria-label={t(texts.sites)}>
          {spotsOf(placed, frame).map(({ site, x, y }) => (
            <li key={site.id} style={{ left: `${100 * x}%`, top: `${100 * y}%` }} data-side={sideOf(x)}>
              <Link
                to="/sites/$id"
                params={{ id: String(site.id) }}
                aria-label={`${site.name}: ${t(words[site.word])}`}
                title={`${site.name}: ${t(words[site.word])}`}
              >
                <StatusIcon word={site.word} size={20} />
                {placed.length <= NAMED && <span>{site.name}</span>}
              </Link>
            </li>
          ))}
        </ul>
      </div>
      {placed.length < sites.length && (
        <p className="dimmed">{t(texts.withoutPlace, { count: sites.length - placed.length })}</p>
      )}
    </>
  );
}

function degrees(value: number, plus: string, minus: string): string {
  const size = Math.abs(Number(value.toFixed(4)));
  return size === 0 ? '0°' : `${size}° ${value > 0 ? plus : minus}`;
}
