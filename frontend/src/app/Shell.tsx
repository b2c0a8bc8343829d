/** The frame of all pages: navigation at the side, or below on a phone; the account; the bars; and the page itself. */

import { Link, Outlet, useLocation } from '@tanstack/react-router';
import { lazy, Suspense, useEffect } from 'react';
import { Icon } from '@/components/icons';
import { StatusIcon } from '@/components/StatusBadge';
import { usePhone } from '@/hooks/usePhone';
import { t } from '@/i18n';
import { isLive, setLive, useLive } from '@/live/store';
import { Bars } from './Bars';
import { AccountButton, MoreButton } from './buttons';
import { show } from './keyboard/overlay';
import { IN_BAR, isCurrent, PLACES, type Place } from './navigation';
import classes from './Shell.module.css';
import { shell } from './strings';

// Menus weigh more than all the rest of the shell; the first load goes without.
const AccountMenu = lazy(() => import('./AccountMenu'));
const MoreMenu = lazy(() => import('./MoreMenu'));
const Keyboard = lazy(() => import('./keyboard/Keyboard'));

export function Shell() {
  const isPhone = usePhone();
  return (
    <div className={classes.frame}>
      <a className={classes.skip} href="#content">
        {t(shell.skip)}
      </a>
      {!isPhone && <Sidebar />}
      <main id="content" className={classes.main} tabIndex={-1}>
        <div className={classes.page}>
          <Bars />
          <Outlet />
        </div>
      </main>
      {isPhone && <BottomBar />}
      <Suspense>
        <Keyboard />
      </Suspense>
    </div>
  );
}

function Sidebar() {
  return (
    <aside className={classes.side}>
      <Link to="/" className={classes.brand}>
        <Mark />
        Fieldledger
      </Link>
      <button type="button" className={classes.find} onClick={() => show('palette')}>
        <Icon name="search" size={15} />
        {t(shell.find)}
        <kbd>Ctrl K</kbd>
      </button>
      <nav aria-label={t(shell.navigation)} className={classes.places}>
        {PLACES.map((place) => (
          <PlaceLink key={place.to} place={place} className={classes.place} />
        ))}
      </nav>
      <div className={classes.foot}>
        <LiveMark />
        <Suspense fallback={<AccountButton />}>
          <AccountMenu />
        </Suspense>
      </div>
    </aside>
  );
}

function BottomBar() {
  return (
    <nav aria-label={t(shell.navigation)} className={classes.bar}>
      {PLACES.slice(0, IN_BAR).map((place) => (
        <PlaceLink key={place.to} place={place} className={classes.tab} />
      ))}
      <Suspense fallback={<MoreButton />}>
        <MoreMenu />
      </Suspense>
    </nav>
  );
}

function PlaceLink({ place, className }: { place: Place; className: string | undefined }) {
  const path = useLocation({ select: (location) => location.pathname });
  const isHere = isCurrent(place, path);
  return (
    <Link
      to={place.to}
      className={className}
      data-current={isHere || undefined}
      aria-current={isHere ? 'page' : undefined}
    >
      <Icon name={place.icon} size={18} />
      {t(place.text)}
      {place.to === '/topics' && <NewTopics />}
    </Link>
  );
}

function NewTopics() {
  const count = useLive((live) => live.newTopics);
  const isThere = useLocation({ select: (location) => location.pathname.startsWith('/topics') });
  useEffect(() => {
    if (isThere && count) setLive({ newTopics: 0 });
  }, [isThere, count]);
  if (!count) return null;
  return (
    <span className={classes.news} title={t(shell.newTopics, { count })}>
      +{count}
      <span className="visually-hidden">{t(shell.newTopics, { count })}</span>
    </span>
  );
}

function LiveMark() {
  const isOn = useLive(isLive);
  return (
    <div className={classes.live}>
      <StatusIcon word={isOn ? 'live' : 'applying'} size={13} />
      {t(isOn ? shell.liveNow : shell.notLive)}
    </div>
  );
}

function Mark() {
  return (
    <svg width="22" height="22" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <rect x="2" y="2" width="20" height="20" rx="6" fill="var(--mantine-color-ink-7)" />
      <path
        d="M6.5 16l3-5 2.5 3 2.2-6 3.3 8"
        fill="none"
        stroke="#fff"
        strokeWidth="1.8"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
