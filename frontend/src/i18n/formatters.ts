/** The browser's own formatters, kept: making one takes some twenty times as long as using it. */

/** Makes what is asked for once for each language and options, of which a page has a few dozen. */
function kept<Options extends object, Made>(make: (language: string, options: Options) => Made) {
  const made = new Map<string, Made>();
  return (language: string, options: Options): Made => {
    const name = language + JSON.stringify(options);
    const found = made.get(name) ?? make(language, options);
    made.set(name, found);
    return found;
  };
}

export const numbers = kept((language, options: Intl.NumberFormatOptions) => new Intl.NumberFormat(language, options));
export const plurals = kept((language, options: Intl.PluralRulesOptions) => new Intl.PluralRules(language, options));
const dates = kept((language, options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(language, options));

/** Says of what is no date that it is none, as `toLocaleString` does. */
export function dated(date: Date, language: string, options: Intl.DateTimeFormatOptions): string {
  return Number.isNaN(date.valueOf()) ? String(date) : dates(language, options).format(date);
}
