/** The buttons that open the shell's menus; they stand there before the menus have come. */

import { useLocation } from '@tanstack/react-router';
import type { ComponentProps } from 'react';
import { Icon } from '@/components/icons';
import { t } from '@/i18n';
import { IN_BAR, isCurrent, PLACES } from './navigation';
import classes from './Shell.module.css';
import { start } from './start';
import { shell } from './strings';

export function AccountButton(props: ComponentProps<'button'>) {
  const name = start.name || start.username;
  return (
    <button type="button" {...props} className={classes.account}>
      <span className={classes.initial} aria-hidden="true">
        {name.charAt(0).toUpperCase()}
      </span>
      <span className={classes.who}>
        <span className="visually-hidden">{t(shell.account)}</span>
        <span>{name}</span>
        <small>{start.role ?? t(shell.noRole)}</small>
      </span>
      <Icon name="up" size={14} />
    </button>
  );
}

export function MoreButton(props: ComponentProps<'button'>) {
  const path = useLocation({ select: (location) => location.pathname });
  const isHere = PLACES.slice(IN_BAR).some((place) => isCurrent(place, path));
  return (
    <button type="button" {...props} className={classes.tab} data-current={isHere || undefined}>
      <Icon name="more" size={20} />
      {t(shell.more)}
    </button>
  );
}
