/** Ends the session the way the sign-in began it: with a form. */

import { csrfToken } from '@/api/client';

export function signOut(): void {
  const form = document.createElement('form');
  form.method = 'post';
  form.action = '/logout/';
  const token = document.createElement('input');
  token.type = 'hidden';
  token.name = 'csrfmiddlewaretoken';
  token.value = csrfToken();
  form.append(token);
  document.body.append(form);
  form.submit();
}
