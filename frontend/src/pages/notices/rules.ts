/** The rules of notices, as the API sends them. */

import type { components } from '@/api/schema';

export type Rule = components['schemas']['NoticeRuleOut'];
export const RULES = '/api/v1/notice-rules/';
