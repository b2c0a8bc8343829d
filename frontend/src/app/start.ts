/** What the page was served with: who is signed in and how they like their screens. */

import type { Role } from '@/api/types';
import type { Language } from '@/i18n';

export type Theme = 'auto' | 'light' | 'dark';

export type Start = {
  username: string;
  name: string;
  /** null: a member of no site. */
  role: Role | null;
  is_staff: boolean;
  language: Language;
  theme: Theme;
  /** Shortcuts of one letter are on. */
  single_keys: boolean;
  build: string;
};

export const start: Start = {
  username: '',
  name: '',
  role: 'viewer',
  is_staff: false,
  language: 'en',
  theme: 'auto',
  single_keys: true,
  build: '',
};

/** Reads the block that the server writes into the page; the development server has none, and asks. */
export async function readStart(): Promise<void> {
  const block = document.getElementById('start')?.textContent;
  Object.assign(start, block ? JSON.parse(block) : await (await fetch('/api/v1/me/')).json());
}
