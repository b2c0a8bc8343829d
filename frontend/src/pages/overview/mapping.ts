/** Where sites lie on a map without tiles: degrees as shares of the width and height. Pure. */

import type { SiteOverview } from '@/api/types';

export type Spot = { site: SiteOverview; x: number; y: number };

/** Degrees of latitude and longitude that are shown at least, so that one site, or two neighbours, have surroundings. */
const LEAST = 0.5;
/** Around the outermost sites. */
const MARGIN = 0.12;

export type Frame = { west: number; east: number; south: number; north: number; ratio: number };

type Placed = SiteOverview & { latitude: number; longitude: number };

export function isPlaced(site: SiteOverview): site is Placed {
  return site.latitude !== null && site.longitude !== null;
}

/** What part of the world holds all of them. ratio: of width to height, true in the middle. */
export function frameOf(sites: Placed[]): Frame {
  const [south, north] = stretched(sites.map((site) => site.latitude));
  const [west, east] = stretched(sites.map((site) => site.longitude));
  const middle = Math.cos((((south + north) / 2) * Math.PI) / 180);
  return { west, east, south, north, ratio: ((east - west) * Math.max(0.05, middle)) / (north - south) };
}

/** More of the world to the west and east, until it is as wide as that. */
export function widened(frame: Frame, ratio: number): Frame {
  const more = (((frame.east - frame.west) / 2) * (ratio - frame.ratio)) / frame.ratio;
  return { ...frame, west: frame.west - more, east: frame.east + more, ratio };
}

function stretched(values: number[]): [number, number] {
  const least = Math.min(...values);
  const most = Math.max(...values);
  const margin = Math.max((most - least) * MARGIN, (LEAST - (most - least)) / 2, 0.01);
  return [least - margin, most + margin];
}

export function spotsOf(sites: Placed[], frame: Frame): Spot[] {
  return sites.map((site) => ({
    site,
    x: (site.longitude - frame.west) / (frame.east - frame.west),
    y: (frame.north - site.latitude) / (frame.north - frame.south),
  }));
}

/** Where lines of the grid run: round degrees, a handful of them. */
export function linesOf(from: number, to: number): number[] {
  const rough = (to - from) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((times) => times * power).find((one) => one >= rough) ?? rough;
  const first = Math.ceil(from / step);
  return Array.from({ length: Math.floor(to / step) - first + 1 }, (_, place) => (first + place) * step);
}

/** Where the name of a spot stands, so that it does not run out of a narrow map. */
export function sideOf(x: number): 'left' | 'right' {
  return x > 0.5 ? 'left' : 'right';
}

/** A line so near to the eastern border that its name would not fit. */
export function isAtEdge(line: number, { west, east }: Frame): boolean {
  return (line - west) / (east - west) > 0.92;
}
