import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

/** Where `npm run dev` finds the system; `manage.py up` prints its address. */
const backend = process.env.FIELDLEDGER ?? 'http://127.0.0.1:8000';

export default defineConfig(({ command }) => ({
  base: command === 'build' ? '/static/frontend/' : '/',
  plugins: [react()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    manifest: true,
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: 'src/main.tsx',
      // All that every page needs is one file: smaller than the fifty that are made of it otherwise, and asked for once.
      output: { codeSplitting: { groups: [{ name: 'first', tags: ['$initial'] }] } },
    },
    target: 'es2022',
  },
  server: {
    proxy: {
      '/api': backend,
      '/admin': backend,
      '/static': backend,
      '/login': backend,
      '/logout': backend,
      '/ws': { target: backend, ws: true },
    },
  },
  test: {
    environment: 'happy-dom',
    environmentOptions: { happyDOM: { url: 'http://fieldledger.test/' } },
    setupFiles: ['src/test/setup.ts'],
    include: ['src/**/*.test.{ts,tsx}'],
    restoreMocks: true,
    isolate: false, // our modules are new in each file; React and Mantine are loaded once per process
    testTimeout: 20_000,
  },
}));
