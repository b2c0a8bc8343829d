import { afterEach, beforeEach, expect, test } from 'vitest';
import { start } from '@/app/start';
import { actOf, type Pressed } from './keys';
import { holds } from './useChoices';

beforeEach(() => Object.assign(start, { single_keys: true }));
afterEach(() => Object.assign(start, { single_keys: true }));

const press = (key: string, more: Partial<Pressed> = {}): Pressed => ({
  key, ctrlKey: false, metaKey: false, altKey: false, target: document.body, ...more,
}); // biome-ignore format: a list

test.each([
  [press('k', { ctrlKey: true }), false, { do: 'palette' }],
  [press('K', { metaKey: true }), false, { do: 'palette' }],
  [press('k'), false, { do: 'nothing' }],
  [press('g'), false, { do: 'wait' }],
  [press('d'), true, { do: 'go', to: '/devices' }],
  [press('z'), true, { do: 'nothing' }],
  [press('d'), false, { do: 'nothing' }],
  [press('?'), false, { do: 'sheet' }],
  [press('/'), false, { do: 'search' }],
  [press('/', { ctrlKey: true }), false, { do: 'nothing' }],
])('%o after g %s does %o', (event, isAfterG, act) => expect(actOf(event, isAfterG)).toEqual(act));

test('where somebody writes a letter is a letter, and Ctrl K still finds', () => {
  const target = document.createElement('input');
  expect(actOf(press('?', { target }), false)).toEqual({ do: 'nothing' });
  expect(actOf(press('k', { target, ctrlKey: true }), false)).toEqual({ do: 'palette' });
});

test('who wishes no keys of one letter has none', () => {
  start.single_keys = false;
  expect(actOf(press('g'), false)).toEqual({ do: 'nothing' });
  expect(actOf(press('k', { ctrlKey: true }), false)).toEqual({ do: 'palette' });
});

test.each([
  ['Diga di Valdora', 'val di', true],
  ['Diga di Valdora', 'val po', false],
  ['Diga di Valdora', '', true],
])('%s is found by “%s”: %s', (text, typed, found) => expect(holds(text, typed)).toBe(found));
