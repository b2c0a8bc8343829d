/** A message's bytes as people read them: pretty, raw, in hex, and what has changed since another one. */

export function bytesOf(base64: string): Uint8Array {
  const binary = atob(base64);
  const bytes = new Uint8Array(binary.length);
  for (let place = 0; place < binary.length; place++) bytes[place] = binary.charCodeAt(place);
  return bytes;
}

/** Null where the bytes are no text. `isCut`: a character may have been cut in two at the end. */
export function textOf(bytes: Uint8Array, isCut = false): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: isCut });
  } catch {
    return null;
  }
}

/** JSON with one thing a line, short lists of numbers kept on theirs; null where it is none. */
export function prettyOf(text: string): string | null {
  if (!/^\s*[[{]/.test(text)) return null;
  try {
    return JSON.stringify(JSON.parse(text), null, 2).replace(
      /\[\s+([-\d.eE+,\s]{1,120}?)\s+\]/g,
      (_, inner: string) => {
        return `[${inner.replace(/\s+/g, ' ')}]`;
      },
    );
  } catch {
    return null;
  }
}

const PER_LINE = 16;

export function hexOf(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let start = 0; start < bytes.length; start += PER_LINE) {
    const part = [...bytes.subarray(start, start + PER_LINE)];
    const hex = part.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const shown = part.map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.')).join('');
    lines.push(`${start.toString(16).padStart(6, '0')}  ${hex.padEnd(PER_LINE * 3 - 1)}  ${shown}`);
  }
  return lines.join('\n');
}

export type Line = { kind: 'same' | 'gone' | 'new'; text: string };

const COMPARED = 1_500; // lines of each; beyond, everything would be compared with everything

/** What has changed from one text to the other, line by line. */
export function difference(before: string, after: string): Line[] {
  const one = before.split('\n');
  const two = after.split('\n');
  let start = 0;
  while (start < one.length && start < two.length && one[start] === two[start]) start++;
  let end = 0;
  while (end < one.length - start && end < two.length - start && one.at(-1 - end) === two.at(-1 - end)) end++;
  const same = (texts: string[]): Line[] => texts.map((text) => ({ kind: 'same', text }));
  return [
    ...same(one.slice(0, start)),
    ...compared(one.slice(start, one.length - end), two.slice(start, two.length - end)),
    ...same(end ? one.slice(-end) : []),
  ];
}

/** The longest common lines stay; the rest is gone or new. */
function compared(one: string[], two: string[]): Line[] {
  if (one.length > COMPARED || two.length > COMPARED) return [...all('gone', one), ...all('new', two)];
  const width = two.length + 1;
  const lengths = new Uint16Array((one.length + 1) * width);
  for (let i = one.length - 1; i >= 0; i--) {
    for (let j = two.length - 1; j >= 0; j--) {
      lengths[i * width + j] =
        one[i] === two[j]
          ? (lengths[(i + 1) * width + j + 1] ?? 0) + 1
          : Math.max(lengths[(i + 1) * width + j] ?? 0, lengths[i * width + j + 1] ?? 0);
    }
  }
  const lines: Line[] = [];
  let i = 0;
  let j = 0;
  while (i < one.length && j < two.length) {
    if (one[i] === two[j]) {
      lines.push({ kind: 'same', text: one[i++] ?? '' });
      j++;
    } else if ((lengths[(i + 1) * width + j] ?? 0) >= (lengths[i * width + j + 1] ?? 0)) {
      lines.push({ kind: 'gone', text: one[i++] ?? '' });
    } else {
      lines.push({ kind: 'new', text: two[j++] ?? '' });
    }
  }
  return [...lines, ...all('gone', one.slice(i)), ...all('new', two.slice(j))];
}

function all(kind: Line['kind'], texts: string[]): Line[] {
  return texts.map((text) => ({ kind, text }));
}

/** One argument of a POSIX shell. */
export function shellQuoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

export function mosquittoPub(host: string, port: number, topic: string, text: string, qos: number): string {
  const where = port === 1883 ? `-h ${shellQuoted(host)}` : `-h ${shellQuoted(host)} -p ${port}`;
  return `mosquitto_pub ${where} -q ${qos} -t ${shellQuoted(topic)} -m ${shellQuoted(text)}`;
}

export type MarkedLine = { path: string; text: string };

/** JSON a thing a line, each with its place as the server names it: `dataloggers[0].devices[1].value`. */
export function markedLines(text: string): MarkedLine[] | null {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof document !== 'object' || document === null) return null;
  const lines: MarkedLine[] = [];
  write(lines, document, '', '', '', '');
  return lines;
}

function write(lines: MarkedLine[], value: unknown, path: string, indent: string, before: string, after: string): void {
  const isList = Array.isArray(value);
  if (typeof value !== 'object' || value === null || (isList && value.every((one) => typeof one !== 'object'))) {
    const shown = isList ? `[${value.map((one) => JSON.stringify(one)).join(', ')}]` : JSON.stringify(value);
    lines.push({ path, text: `${indent}${before}${shown}${after}` });
    return;
  }
  const entries = isList ? value.map((one, index) => [String(index), one] as const) : Object.entries(value);
  lines.push({ path: '', text: `${indent}${before}${isList ? '[' : '{'}` });
  for (const [index, [key, one]] of entries.entries()) {
    const place = isList ? `${path}[${key}]` : named(path, key);
    const comma = index < entries.length - 1 ? ',' : '';
    write(lines, one, place, `${indent}  `, isList ? '' : `${JSON.stringify(key)}: `, comma);
  }
  lines.push({ path: '', text: `${indent}${isList ? ']' : '}'}${after}` });
}

function named(path: string, key: string): string {
  if (!/^[A-Za-z_][\w-]*$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path ? `${path}.${key}` : key;
}

/** The places that a failure's words name. */
export function badPaths(message: string): string[] {
  const place = /(?:^|; )((?:[A-Za-z_][\w-]*|\[\d+\]|\["(?:[^"\\]|\\.)*"\]|\.)+): /g;
  return [...message.matchAll(place)].map((found) => found[1] ?? '');
}

/** Whether a line is that place, holds it in its list, or, where the place is missing, would hold it. */
export function isBad(path: string, bad: string[]): boolean {
  return (
    path !== '' && bad.some((one) => one === path || (one.startsWith(path) && /^\[\d+\]$/.test(one.slice(path.length))))
  );
}
