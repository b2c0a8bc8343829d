/** Listens to the keys that work everywhere, and shows what they open. */

import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useEffect } from 'react';
import { takeEarly } from './early';
import { actOf, isBusy } from './keys';
import { isWaiting, show, typeAhead, useOverlay, wait } from './overlay';

const Palette = lazy(() => import('./Palette'));
const Sheet = lazy(() => import('./Sheet'));

export default function Keyboard() {
  const overlay = useOverlay();
  const navigate = useNavigate();
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented) return;
      if (take(event)) event.preventDefault();
    };
    const take = (event: KeyboardEvent) => {
      const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
      if (isPlain && !isBusy(event.target) && typeAhead(event.key)) return true;
      const act = actOf(event, isWaiting());
      wait(act.do === 'wait');
      if (act.do === 'go') void navigate({ to: act.to });
      else if (act.do === 'palette' || act.do === 'sheet') show(act.do);
      else if (act.do !== 'search') return false;
      else return seek();
      return true;
    };
    for (const event of takeEarly()) take(event);
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, [navigate]);
  return (
    <Suspense>
      {overlay === 'palette' && <Palette onClose={() => show(null)} />}
      {overlay === 'sheet' && <Sheet onClose={() => show(null)} />}
    </Suspense>
  );
}

/** Puts the focus into the page's search; false where there is none. */
function seek(): boolean {
  const search = document.querySelector<HTMLElement>('[data-search]');
  search?.focus();
  return search !== null;
}
