/** What went wrong with a request, in the words of the server where it said any. */

import { getLanguage } from '@/i18n';
import type { components } from './schema';

type ErrorBody = components['schemas']['ErrorOut'];

export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly address: string,
    readonly fields: Record<string, string> = {},
    readonly deletes: Record<string, number> = {},
  ) {
    super(message);
    this.name = 'Problem';
  }
}

export async function problemOf(response: Response): Promise<Problem> {
  const address = new URL(response.url || '/', window.location.origin).pathname;
  try {
    const { error } = (await response.json()) as ErrorBody;
    const { message, fields } =
      getLanguage() === 'it' ? (await import('./italian')).inItalian(error.code, error.message, error.fields) : error;
    return new Problem(response.status, error.code, message, address, fields, error.deletes);
  } catch {
    return new Problem(response.status, 'no_answer', response.statusText || `HTTP ${response.status}`, address);
  }
}

export function isRefusal(error: unknown): boolean {
  return error instanceof Problem && (error.status === 403 || error.status === 404);
}

/** Everything that helps whoever is asked about it. */
export function details(error: unknown, at: Date): string {
  const lines = [at.toISOString(), window.location.href];
  if (error instanceof Problem) lines.push(`${error.status} ${error.code} ${error.address}`);
  lines.push(error instanceof Error ? error.message : String(error));
  return lines.join('\n');
}
