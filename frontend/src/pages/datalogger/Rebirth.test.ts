/** The node that publishes on a topic is found in every place where one may stand. */

import { describe, expect, it } from 'vitest';
import { nodeOfTopic } from './Rebirth';

describe('the node of a topic', () => {
  it.each([
    ['spBv1.0/works/NDATA/press', { before: '', group: 'works', node: 'press' }],
    ['spBv1.0/works/DDATA/press/scale', { before: '', group: 'works', node: 'press' }],
    ['dam_north/spBv1.0/works/NBIRTH/press', { before: 'dam_north/', group: 'works', node: 'press' }],
    ['spBv1.0/STATE/scada', null],
    ['tele/shed/SENSOR', null],
  ])('%s', (topic, node) => {
    expect(nodeOfTopic(topic)).toEqual(node);
  });
});
