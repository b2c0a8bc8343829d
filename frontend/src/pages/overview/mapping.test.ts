import { expect, test } from 'vitest';
import { site } from '@/test/rows';
import { frameOf, isAtEdge, isPlaced, linesOf, sideOf, spotsOf, widened } from './mapping';

const at = (latitude: number | null, longitude: number | null) => site({ latitude, longitude });
const placed = (...spots: [number, number][]) => spots.map(([lat, lon]) => at(lat, lon)).filter(isPlaced);

test('north is above and east is right', () => {
  const sites = placed([44, 10], [45, 12]);
  const [south, north] = spotsOf(sites, frameOf(sites));
  expect(south?.x).toBeLessThan(north?.x ?? 0);
  expect(south?.y).toBeGreaterThan(north?.y ?? 1);
});

test('every site lies within the frame, one alone in its middle', () => {
  const many = placed([44, 10], [45, 12], [-30, -70]);
  for (const { x, y } of spotsOf(many, frameOf(many))) {
    expect(Math.min(x, y, 1 - x, 1 - y)).toBeGreaterThan(0);
  }
  const one = placed([44, 10]);
  expect(spotsOf(one, frameOf(one))).toMatchObject([{ x: 0.5, y: 0.5 }]);
});

test('a site without a place is not on the map', () => {
  expect([at(null, null), at(44, 10)].filter(isPlaced)).toHaveLength(1);
});

test('a grid has a handful of lines at round degrees', () => {
  expect(linesOf(43.9, 45.1)).toEqual([44, 44.5, 45].filter((line) => line >= 43.9));
  expect(linesOf(-80, 60).length).toBeLessThan(8);
});

test('names stand towards the middle, and a line at the eastern border has none', () => {
  expect([sideOf(0.1), sideOf(0.9)]).toEqual(['right', 'left']);
  const frame = { west: 10, east: 11, south: 44, north: 45, ratio: 1 };
  expect([isAtEdge(10.5, frame), isAtEdge(10.98, frame)]).toEqual([false, true]);
});

test('a frame is made as wide as its place on the page, about the same middle and at the same scale', () => {
  const one = placed([44, 10]);
  const frame = frameOf(one);
  const wide = widened(frame, 3 * frame.ratio);
  expect(wide.east - wide.west).toBeCloseTo(3 * (frame.east - frame.west));
  expect(spotsOf(one, wide)[0]?.x).toBeCloseTo(0.5);
  expect([wide.south, wide.north]).toEqual([frame.south, frame.north]);
});
