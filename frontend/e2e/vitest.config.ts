import { defineConfig } from 'vitest/config';

/** Against a running system, in Debian's Chromium; `make e2e` starts both. One file at a time: they share the fleet. */
export default defineConfig({
  cacheDir: '../node_modules/.vite',
  test: {
    root: import.meta.dirname,
    globalSetup: 'house.ts',
    include: [process.env.FIELDLEDGER_SCRIPT ?? '*.e2e.ts'],
    fileParallelism: false,
    testTimeout: 240_000,
    hookTimeout: 30_000,
    expect: { poll: { timeout: 15_000, interval: 100 } },
  },
});
