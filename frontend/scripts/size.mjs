// The budget of a first load: what the browser must fetch before the overview shows, as gzip makes it.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const BUDGET = { js: 170_000, css: 40_000 };
const FIRST_PAGE = 'src/pages/overview/OverviewPage.tsx';
const dist = new URL('../dist/', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'));

function parts(name, found = new Set()) {
  if (found.has(name)) return found;
  found.add(name);
  for (const other of manifest[name].imports ?? []) parts(other, found);
  return found;
}

const names = [...parts('src/main.tsx', parts(FIRST_PAGE))];
const files = new Set(names.flatMap((name) => [manifest[name].file, ...(manifest[name].css ?? [])]));
const total = { js: 0, css: 0 };
for (const file of files) {
  const kind = file.endsWith('.css') ? 'css' : 'js';
  total[kind] += gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length;
}
for (const kind of ['js', 'css']) {
  const words = `First load, ${kind}: ${(total[kind] / 1000).toFixed(1)} kB of ${BUDGET[kind] / 1000} kB gzip`;
  if (total[kind] > BUDGET[kind]) {
    console.error(`${words}: too much`);
    process.exitCode = 1;
  } else {
    console.log(words);
  }
}
