/** The one way to the REST API: typed by its own description, signed in by the session, failing with a `Problem`. */

import createFetchClient, { type Middleware } from 'openapi-fetch';
import createQueryClient from 'openapi-react-query';
import { observeServerTime } from '@/live/clock';
import { problemOf } from './problem';
import type { paths } from './schema';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

export function csrfToken(): string {
  return /(?:^|; )csrftoken=([^;]*)/.exec(document.cookie)?.[1] ?? '';
}

export function signIn(): void {
  const here = window.location.pathname + window.location.search;
  window.location.assign(`/login/?next=${encodeURIComponent(here)}`);
}

const conventions: Middleware = {
  onRequest({ request }) {
    if (!SAFE.has(request.method)) request.headers.set('X-CSRFToken', csrfToken());
    return request;
  },
  async onResponse({ response }) {
    observeServerTime(Date.parse(response.headers.get('Date') ?? ''));
    if (response.status === 401) signIn();
    if (!response.ok) throw await problemOf(response);
    return response;
  },
};

// Looked up at each call, so that whoever replaces `fetch` later is heard.
const fetchClient = createFetchClient<paths>({
  baseUrl: window.location.origin,
  credentials: 'same-origin',
  fetch: (request) => globalThis.fetch(request),
});
fetchClient.use(conventions);

/** For calls outside of components: `await api.GET('/api/v1/…')`. Throws a `Problem`. */
export const api = fetchClient;

/** For components: `$api.useQuery('get', '/api/v1/…', {…})`, `$api.useMutation('post', …)`. */
export const $api = createQueryClient(fetchClient);
