/** The head of every page: its name, which takes the focus after a navigation, what it is about, and its controls. */

import { type ReactNode, useEffect } from 'react';
import classes from './PageHeader.module.css';

type Props = {
  title: string;
  /** Beside the title: a status, a count. */
  aside?: ReactNode;
  /** Under the title. */
  about?: ReactNode;
  /** On the right; below on a phone. */
  children?: ReactNode;
};

export function PageHeader({ title, aside, about, children }: Props) {
  useEffect(() => {
    document.title = `${title} · Fieldledger`;
  }, [title]);
  return (
    <header className={classes.header}>
      <div className={classes.words}>
        <div className={classes.line}>
          <h1 className={classes.title} tabIndex={-1}>
            {title}
          </h1>
          {aside}
        </div>
        {about && <div className={classes.about}>{about}</div>}
      </div>
      {children && <div className={classes.controls}>{children}</div>}
    </header>
  );
}
