import { afterEach, expect, test } from 'vitest';
import { setLanguage } from '@/i18n';
import { problemOf } from './problem';

afterEach(() => setLanguage('en'));

function refused(code: string, fields = {}) {
  const error = { code, message: 'In the words of the server.', fields, deletes: {} };
  return problemOf(Response.json({ error }, { status: 422 }));
}

test('in English the server’s own words stand', async () => {
  const problem = await refused('invalid', { name: 'Field required' });
  expect([problem.message, problem.fields]).toEqual(['In the words of the server.', { name: 'Field required' }]);
});

test('in Italian what has a code is said in Italian, and what has none in the server’s words', async () => {
  setLanguage('it');
  expect((await refused('role_too_low')).message).toBe('Il tuo ruolo in questo sito non lo permette.');
  expect((await refused('something_new')).message).toBe('In the words of the server.');
});

test.each([
  ['Field required', 'Campo obbligatorio'],
  ['Input should be greater than or equal to 1', 'Deve essere almeno 1'],
  ['String should have at most 80 characters', 'Al massimo 80 caratteri'],
  ['Input should be a valid integer, unable to parse string as an integer', 'Deve essere un numero'],
  ['is not a time zone', 'is not a time zone'],
])('of a field, %s reads %s', async (english, italian) => {
  setLanguage('it');
  expect((await refused('invalid', { name: english })).fields).toEqual({ name: italian });
});
