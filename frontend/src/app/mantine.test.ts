import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const STYLES = 'node_modules/@mantine/core/styles';

/** Styles that a component shares with others of the library. */
const WITHIN: Record<string, string[]> = {
  Checkbox: ['InlineInput', 'CheckboxIndicator'],
  Radio: ['InlineInput', 'RadioIndicator'],
  Switch: ['InlineInput'],
};

function sources(): string[] {
  return readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((name) => /\.tsx?$/.test(name));
}

test('every component of the library that is used has its styles', () => {
  const imported = readFileSync('src/app/mantine.css', 'utf8');
  const used = sources().flatMap((name) =>
    [...readFileSync(`src/${name}`, 'utf8').matchAll(/import \{([^}]*)\} from '@mantine\/core'/g)].flatMap((found) =>
      (found[1] ?? '')
        .split(',')
        .map((word) => word.trim())
        .flatMap((word) => [word, ...(WITHIN[word] ?? [])]),
    ),
  );
  const missing = new Set(
    used.filter((name) => existsSync(`${STYLES}/${name}.layer.css`) && !imported.includes(`/${name}.layer.css`)),
  );
  expect([...missing]).toEqual([]);
});
