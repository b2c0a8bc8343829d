/** The colours of lines, told apart on both grounds, and their dashes, for who sees no colours. */

const LIGHT = ['#2b55b0', '#b4540a', '#1d7a4d', '#8d3bb0', '#0f7386', '#a32b5b'];
const DARK = ['#86a9f5', '#f2a65a', '#5cc894', '#cf93ea', '#5fc3d6', '#f08bb2'];

export function colours(scheme: 'light' | 'dark'): string[] {
  return scheme === 'dark' ? DARK : LIGHT;
}

export const DASHES: number[][] = [[], [7, 3], [2, 2], [10, 3, 2, 3], [4, 4], [1, 3]];
