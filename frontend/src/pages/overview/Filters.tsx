/** Which sites are shown: by word, by text; and how. */

import { Button } from '@mantine/core';
import type { Overview } from '@/api/types';
import { Icon } from '@/components/icons';
import { StatusIcon } from '@/components/StatusBadge';
import { usePhone } from '@/hooks/usePhone';
import { t } from '@/i18n';
import { words } from '@/i18n/common';
import classes from './Filters.module.css';
import { type OverviewSearch, WORDS } from './search';
import { texts } from './strings';

type Props = {
  overview: Overview;
  search: OverviewSearch;
  view: 'cards' | 'table' | 'map';
  onChange: (change: OverviewSearch) => void;
};

export function Filters({ overview, search, view, onChange }: Props) {
  const isPhone = usePhone();
  const name = isPhone ? undefined : 'visually-hidden';
  const present = WORDS.filter((word) => overview.words[word] || search.word === word);
  return (
    <div className={classes.filters}>
      <fieldset className={classes.chips}>
        <legend className="visually-hidden">{t(texts.filterBy)}</legend>
        <Chip isOn={!search.word} onClick={() => onChange({ word: undefined })}>
          {t(texts.allSites)} <span className={classes.count}>{overview.sites.length}</span>
        </Chip>
        {present.map((word) => (
          <Chip
            key={word}
            isOn={search.word === word}
            onClick={() => onChange({ word: search.word === word ? undefined : word })}
          >
            <StatusIcon word={word} size={14} />
            {t(words[word])} <span className={classes.count}>{overview.words[word] ?? 0}</span>
          </Chip>
        ))}
      </fieldset>
      <div className={classes.tools}>
        <label className={classes.search}>
          <Icon name="search" size={14} />
          <input
            value={search.search ?? ''}
            onChange={(event) => onChange({ search: event.currentTarget.value || undefined })}
            placeholder={t(texts.searchSites)}
            aria-label={t(texts.searchSites)}
            type="search"
            data-search
          />
        </label>
        <Button
          size="xs"
          variant="default"
          onClick={() => onChange({ sort: search.sort === 'name' ? undefined : 'name' })}
          aria-label={`${t(texts.sort)}: ${t(search.sort === 'name' ? texts.byName : texts.worst)}`}
          leftSection={<Icon name="filter" size={14} />}
        >
          {t(search.sort === 'name' ? texts.byName : search.sort === 'heard' ? texts.byHeard : texts.worst)}
        </Button>
        <fieldset className={`${classes.chips} ${classes.view}`}>
          <legend className="visually-hidden">{t(texts.view)}</legend>
          <Chip isOn={view === 'cards'} onClick={() => onChange({ view: 'cards' })}>
            <Icon name="cards" size={15} />
            <span className={name}>{t(texts.cards)}</span>
          </Chip>
          {!isPhone && (
            <Chip isOn={view === 'table'} onClick={() => onChange({ view: 'table' })}>
              <Icon name="rows" size={15} />
              <span className="visually-hidden">{t(texts.table)}</span>
            </Chip>
          )}
          <Chip isOn={view === 'map'} onClick={() => onChange({ view: 'map' })}>
            <Icon name="pin" size={15} />
            <span className={name}>{t(texts.map)}</span>
          </Chip>
        </fieldset>
      </div>
    </div>
  );
}

type ChipProps = { isOn: boolean; onClick: () => void; children: React.ReactNode };

function Chip({ isOn, onClick, children }: ChipProps) {
  return (
    <button type="button" className={classes.chip} aria-pressed={isOn} onClick={onClick}>
      {children}
    </button>
  );
}
