import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Against a running system, in Debian's Chromium; `make e2e` starts both. One file at a time: they share the fleet. */
export default defineConfig({
  cacheDir: '../node_modules/.vite',
  resolve: { alias: { '@': fileURLToPath(new URL('../src', import.meta.url)) } },
  test: {
    root: import.meta.dirname,
    globalSetup: 'house.ts',
    include: [process.env.FIELDLEDGER_SCRIPT ?? '*.e2e.ts'],
    fileParallelism: false,
    maxConcurrency: 2,
    testTimeout: 240_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 15_000, interval: 100 } },
  },
});
