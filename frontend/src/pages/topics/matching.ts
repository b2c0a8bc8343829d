/** MQTT topic filters, as the server reads them (4.7 of the standard). `matching.json` is tried on both. */

export function isFilter(pattern: string): boolean {
  const levels = pattern.split('/');
  const areAlone = levels.every((level) => level === '+' || level === '#' || !/[+#]/.test(level));
  return pattern !== '' && areAlone && !levels.slice(0, -1).includes('#');
}

export function hasWildcard(words: string): boolean {
  return /[+#]/.test(words) && isFilter(words);
}

export function matches(pattern: string, topic: string): boolean {
  if (topic.startsWith('$') && /^[+#]/.test(pattern)) return false;
  const wanted = pattern.split('/');
  const found = topic.split('/');
  for (const [index, level] of wanted.entries()) {
    if (level === '#') return true;
    if (index >= found.length || (level !== '+' && level !== found[index])) return false;
  }
  return wanted.length === found.length;
}

export type Rule = {
  id: number;
  site_id: number;
  topic_pattern: string;
  is_active: boolean;
  is_muted: boolean;
  parser_name: string;
};
export type Wish = 'parsed' | 'ignored' | 'muted' | 'unwanted';

/** What is wished for a topic: one rule that is off outweighs all that are on, as at the server's gate. */
export function wishFor(rules: Rule[], siteId: number, topic: string): { wish: Wish; rules: Rule[] } {
  const found = rules.filter((rule) => rule.site_id === siteId && matches(rule.topic_pattern, topic));
  const wish = found.some((rule) => rule.is_muted)
    ? 'muted'
    : found.some((rule) => !rule.is_active)
      ? 'ignored'
      : found.length
        ? 'parsed'
        : 'unwanted';
  return { wish, rules: found };
}

export type NearMiss = { parser: string; pattern: string; level: number; wanted: string; found: string | null };

/** The parsers that come closest to a topic, and the first level at which each differs. */
export function nearest(parsers: { name: string; patterns: string[] }[], topic: string, limit = 3): NearMiss[] {
  const found = topic.split('/');
  const misses = parsers.flatMap(({ name, patterns }) =>
    patterns.map((pattern) => {
      const wanted = pattern.split('/');
      const place = wanted.findIndex((level, index) => level !== '#' && level !== '+' && level !== found[index]);
      const level = place < 0 ? Math.min(wanted.length, found.length) : place;
      return { parser: name, pattern, level: level + 1, wanted: wanted[level] ?? '', found: found[level] ?? null };
    }),
  );
  const byParser = new Map<string, NearMiss>();
  for (const miss of misses.sort((one, other) => other.level - one.level))
    if (!byParser.has(miss.parser)) byParser.set(miss.parser, miss);
  return [...byParser.values()].slice(0, limit);
}
