/** One field from which everything can be reached: typed, chosen with the arrows, opened with Enter. */

import { Modal } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { type KeyboardEvent, lazy, Suspense, useEffect, useId, useRef, useState } from 'react';
import { Icon } from '@/components/icons';
import { t } from '@/i18n';
import classes from './Keyboard.module.css';
import { typedAhead } from './overlay';
import { texts } from './strings';
import { type Choice, type Group, useChoices, type WishOf } from './useChoices';

const Wish = lazy(() => import('./Wish'));

const TYPING_MS = 120;

export default function Palette({ onClose }: { onClose: () => void }) {
  const [wish, setWish] = useState<WishOf | null>(null);
  if (wish) {
    return (
      <Suspense>
        <Wish {...wish} onClose={onClose} />
      </Suspense>
    );
  }
  return (
    <Modal.Root opened onClose={onClose} size={620} yOffset="10vh">
      <Modal.Overlay />
      <Modal.Content aria-label={t(texts.palette)}>
        <Finder onWish={setWish} onClose={onClose} />
      </Modal.Content>
    </Modal.Root>
  );
}

function Finder({ onWish, onClose }: { onWish: (wish: WishOf) => void; onClose: () => void }) {
  const [typed, setTyped] = useState(typedAhead);
  const [search] = useDebouncedValue(typed, TYPING_MS);
  const { groups, isFailed, isBusy } = useChoices(search, onWish);
  const choices = groups.flatMap((group) => group.choices);
  const [place, setPlace] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const id = useId();
  const current = choices[Math.min(place, choices.length - 1)];

  useEffect(() => {
    if (current) list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [current]);

  function take(choice: Choice): void {
    if (!/^(start|stop|discover)-/.test(choice.id)) onClose();
    choice.run();
  }

  function press(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) setPlace((Math.min(place, choices.length - 1) + step + choices.length) % Math.max(1, choices.length));
    else if (event.key === 'Enter' && current && search === typed) take(current);
    else return;
    event.preventDefault();
  }

  return (
    <>
      <div className={classes.input}>
        <Icon name="search" size={18} />
        <input
          role="combobox"
          aria-expanded
          aria-controls={id}
          aria-activedescendant={current && `${id}-${current.id}`}
          aria-label={t(texts.find)}
          placeholder={t(texts.find)}
          value={typed}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            setPlace(0);
          }}
          onKeyDown={press}
          data-autofocus
        />
      </div>
      <div ref={list} id={id} role="listbox" aria-label={t(texts.palette)} className={classes.list} aria-busy={isBusy}>
        {groups.map((group) => (
          <Choices key={group.name} group={group} id={id} current={current} onTake={take} />
        ))}
      </div>
      <div className={classes.foot} role="status">
        {isFailed ? t(texts.failed) : choices.length === 0 && !isBusy ? t(texts.nothing) : t(texts.hint)}
      </div>
    </>
  );
}

type ChoicesProps = { group: Group; id: string; current: Choice | undefined; onTake: (choice: Choice) => void };

function Choices({ group, id, current, onTake }: ChoicesProps) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a group of options within a listbox
    <div role="group" aria-label={group.name}>
      <div className={classes.group} aria-hidden="true">
        {group.name}
      </div>
      {group.choices.map((choice) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/useFocusableInteractive: the field above has the keys
        <div
          key={choice.id}
          id={`${id}-${choice.id}`}
          role="option"
          aria-selected={choice === current}
          className={classes.option}
          onClick={() => onTake(choice)}
        >
          <Icon name={choice.icon} size={16} />
          <span>{choice.label}</span>
          {choice.about && <small>{choice.about}</small>}
        </div>
      ))}
    </div>
  );
}
