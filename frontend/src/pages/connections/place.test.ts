import { describe, expect, it } from 'vitest';
import { NOWHERE, placeOf } from './place';

const free = [{ id: 3, name: 'Plant 1', slug: 'plant_1' }];
const choices = { free, mayAdd: true, isKnown: true };

describe('The prefix of a pasted address', () => {
  it('names the site that has it', () => {
    expect(placeOf(NOWHERE, 'plant_1', choices)).toMatchObject({ siteId: 3, isNew: false });
  });

  it('begins a new site where none has it, for who may add one', () => {
    expect(placeOf(NOWHERE, 'plant_2', choices)).toMatchObject({ siteId: null, isNew: true, slug: 'plant_2' });
    expect(placeOf(NOWHERE, 'plant_2', { ...choices, mayAdd: false })).toEqual(NOWHERE);
  });

  it('changes no site that was chosen', () => {
    const chosen = { ...NOWHERE, siteId: 9 };
    expect(placeOf(chosen, 'plant_1', choices)).toBe(chosen);
  });
});
