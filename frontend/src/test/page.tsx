/** A page as people see it: the real routes around it, and a server that answers what the test says. */

import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { configure, render } from '@testing-library/react';
import { vi } from 'vitest';
import type { Role } from '@/api/types';
import { newQueryClient } from '@/app/queryClient';
import { newRouter } from '@/app/router';
import { start } from '@/app/start';
import { TestSocket } from './socket';

configure({ asyncUtilTimeout: 5_000 }); // a busy machine is slow to draw

type Answer = object | ((body: unknown, address: URL) => object | Response);
/** By method and path without `/api/v1/`: `{'GET system/': {…}}`. */
export type Answers = Record<string, Answer>;
export type Asked = { what: string; query: string; body: unknown };

/** What is asked and not answered here gets a 404, like anything one may not see. Returns what was asked. */
export function serve(answers: Answers): Asked[] {
  const asked: Asked[] = [];
  vi.stubGlobal('fetch', async (request: Request) => {
    const address = new URL(request.url);
    const what = `${request.method} ${address.pathname.replace('/api/v1/', '')}`;
    const text = await request.text();
    const body: unknown = text ? JSON.parse(text) : null;
    asked.push({ what, query: address.search, body });
    const answer = answers[what];
    if (!answer) return refusal(404, 'not_found', 'There is no such thing, or you may not see it.');
    const said = await (typeof answer === 'function' ? answer(body, address) : answer);
    return said instanceof Response ? said : Response.json(said);
  });
  return asked;
}

export function refusal(status: number, code: string, message: string, fields = {}): Response {
  return Response.json({ error: { code, message, fields } }, { status });
}

export function page<Row>(...items: Row[]) {
  return { items, count: items.length, count_is_capped: false };
}

/** No live connection has opened yet, and none fails: what is shown is as of when the page was read. */
export function showPage(address: string, role: Role = 'admin'): void {
  vi.stubGlobal('WebSocket', TestSocket);
  Object.assign(start, { role, username: 'ada', name: 'Ada' });
  window.history.replaceState({}, '', address);
  const client = newQueryClient();
  client.setDefaultOptions({ queries: { ...client.getDefaultOptions().queries, retry: false } });
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={client}>
        <RouterProvider router={newRouter()} />
      </QueryClientProvider>
    </MantineProvider>,
  );
}
