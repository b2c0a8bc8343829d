/** The whole application in front of a server that the test plays. */

import { createMemoryHistory } from '@tanstack/react-router';
import { render } from '@testing-library/react';
import { afterEach, beforeEach, vi } from 'vitest';
import { App } from '@/app/App';
import { newQueryClient } from '@/app/queryClient';
import { newRouter } from '@/app/router';
import { start } from '@/app/start';
import { setLanguage } from '@/i18n';
import { resetLive } from '@/live/store';
import { TestSocket } from './socket';

type Answer = unknown | ((request: Request) => unknown);

/** By method and path: `{'GET /api/v1/me/': {…}}`. A function may answer with a `Response`. */
export type Routes = Record<string, Answer>;

export const empty = { items: [], count: 0, count_is_capped: false };

export const me = {
  username: 'ada',
  name: '',
  role: 'operator',
  is_staff: false,
  is_superuser: false,
  may_add_sites: false,
  language: 'en',
  theme: 'auto',
  single_keys: true,
};

export function refuse(status: number, code: string, message: string): Response {
  return Response.json({ error: { code, message } }, { status });
}

/** Stands for the server; says what was asked. An address that nobody plays is answered with 404. */
export function serve(routes: Routes): { asked: string[] } {
  const asked: string[] = [];
  vi.stubGlobal('fetch', async (request: Request) => {
    const url = new URL(request.url);
    asked.push(`${request.method} ${url.pathname}${url.search}`);
    const answer = ({ 'GET /api/v1/me/': me, ...routes } as Routes)[`${request.method} ${url.pathname}`];
    const body = typeof answer === 'function' ? await answer(request) : answer;
    if (body instanceof Response) return body;
    return body === undefined ? refuse(404, 'not_found', 'There is nothing.') : Response.json(body);
  });
  return { asked };
}

export function open(path: string, role: 'viewer' | 'operator' | 'admin' | null = 'operator') {
  Object.assign(start, { username: 'ada', name: '', role, language: 'en', build: '', single_keys: true });
  setLanguage('en');
  const client = newQueryClient();
  client.setDefaultOptions({ queries: { ...client.getDefaultOptions().queries, retry: false } });
  const router = newRouter(createMemoryHistory({ initialEntries: [path] }));
  return { ...render(<App client={client} router={router} env="test" />), client, router };
}

/** For files that open the application: nothing of one test reaches the next. */
export function playServer(): void {
  beforeEach(() => {
    vi.stubGlobal('WebSocket', TestSocket);
    TestSocket.all = [];
    resetLive();
  });
  afterEach(() => vi.unstubAllGlobals());
}
