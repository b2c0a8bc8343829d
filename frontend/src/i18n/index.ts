/** Every word on the screen: catalogues of texts, English first, and the one function that says them. */

import { numbers, plurals } from './formatters';

export type Language = 'en' | 'it';
type Phrase = string | { one: string; other: string };
export type Text = { en: Phrase; it?: Phrase };

type Slots<S> = S extends `${string}{${infer Name}}${infer Rest}` ? Name | Slots<Rest> : never;
type Needed<P> = P extends { one: infer One; other: infer Other } ? 'count' | Slots<One> | Slots<Other> : Slots<P>;
type Values<T extends Text> = [Needed<T['en']>] extends [never] ? [] : [Record<Needed<T['en']>, string | number>];

let language: Language = 'en';

export function setLanguage(next: Language): void {
  language = next;
  document.documentElement.lang = next;
}

export function getLanguage(): Language {
  return language;
}

/** Declares the texts of one room: `const texts = catalogue({ title: { en: 'Topics', it: 'Argomenti' } })`. */
export function catalogue<const Texts extends Record<string, Text>>(texts: Texts): Texts {
  return texts;
}

/** `t(texts.found, { count: 3 })`: {count: {one: '{count} topic', other: '{count} topics'}}. */
export function t<const T extends Text>(text: T, ...[values]: Values<T>): string {
  const phrase: Phrase = text[language] ?? text.en;
  const given = (values ?? {}) as Record<string, string | number>;
  const said =
    typeof phrase === 'string'
      ? phrase
      : phrase[plurals(language, {}).select(Number(given.count)) === 'one' ? 'one' : 'other'];
  return said.replace(/\{(\w+)\}/g, (_, name: string) => shown(given[name]));
}

function shown(value: string | number | undefined): string {
  return typeof value === 'number' ? numbers(language, {}).format(value) : (value ?? '');
}
