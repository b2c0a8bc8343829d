/** How a person likes their screens: changed here at once, kept by the server. */

import { useMantineColorScheme } from '@mantine/core';
import { useSyncExternalStore } from 'react';
import { api } from '@/api/client';
import { type Language, setLanguage } from '@/i18n';
import { start, type Theme } from './start';

const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function changed(): void {
  for (const listener of listeners) listener();
}

export function useLanguage(): Language {
  return useSyncExternalStore(subscribe, () => start.language);
}

export function useTheme(): [Theme, (theme: Theme) => void] {
  const { setColorScheme } = useMantineColorScheme();
  const theme = useSyncExternalStore(subscribe, () => start.theme);
  return [
    theme,
    (next) => {
      start.theme = next;
      setColorScheme(next);
      changed();
      void api.PATCH('/api/v1/me/', { body: { theme: next } }).catch(() => undefined);
    },
  ];
}

/** Draws the whole application anew in another language. */
export async function changeLanguage(language: Language): Promise<void> {
  await api.PATCH('/api/v1/me/', { body: { language } });
  start.language = language;
  setLanguage(language);
  changed();
}
