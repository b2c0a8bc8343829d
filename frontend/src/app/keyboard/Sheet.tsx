/** All shortcuts on one sheet. */

import { Kbd } from '@mantine/core';
import { PLACES } from '@/app/navigation';
import { start } from '@/app/start';
import { Dialog } from '@/components/Dialog';
import { StaleBar } from '@/components/states';
import { t } from '@/i18n';
import classes from './Keyboard.module.css';
import { GOES } from './keys';
import { texts } from './strings';

type Line = [keys: string, what: string];

function groups(): [string, Line[]][] {
  const goes = Object.entries(GOES).flatMap(([key, to]): Line[] => {
    const place = PLACES.find((one) => one.to === to);
    return place ? [[`g ${key}`, t(place.text)]] : [];
  });
  return [
    [
      t(texts.everywhere),
      [
        ['Ctrl K', t(texts.palette)],
        ['?', t(texts.thisSheet)],
        ['/', t(texts.search)],
        ['Esc', t(texts.close)],
      ],
    ],
    [t(texts.go), goes],
    [
      t(texts.inLists),
      [
        ['j k', t(texts.rows)],
        ['Enter', t(texts.openRow)],
      ],
    ],
    [
      t(texts.onDevice),
      [
        ['1 … 9', t(texts.channels)],
        ['p', t(texts.pause)],
        ['← →', t(texts.pan)],
        ['Enter', t(texts.message)],
      ],
    ],
    [
      t(texts.inTopics),
      [
        ['d', t(texts.diff)],
        ['[ ]', t(texts.history)],
        ['a', t(texts.activate)],
        ['t', t(texts.tryParser)],
      ],
    ],
  ];
}

export default function Sheet({ onClose }: { onClose: () => void }) {
  return (
    <Dialog onClose={onClose} title={t(texts.shortcuts)} size="lg">
      {!start.single_keys && <StaleBar>{t(texts.off)}</StaleBar>}
      <div className={classes.sheet}>
        {groups().map(([name, lines]) => (
          <section key={name}>
            <h3>{name}</h3>
            <dl>
              {lines.map(([keys, what]) => (
                <div key={keys}>
                  <dt>
                    {keys.split(' ').map((key) => (
                      <Kbd key={key} size="xs">
                        {key}
                      </Kbd>
                    ))}
                  </dt>
                  <dd>{what}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
