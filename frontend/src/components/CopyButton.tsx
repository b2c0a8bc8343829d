/** Copies a text, and says that it did. */

import { Button } from '@mantine/core';
import { useState } from 'react';
import { t } from '@/i18n';
import { common } from '@/i18n/common';
import { Icon } from './icons';

type Props = { text: string | (() => string); label?: string };

export function CopyButton({ text, label = t(common.copy) }: Props) {
  const [isCopied, setCopied] = useState(false);
  async function copy(): Promise<void> {
    await writeText(typeof text === 'string' ? text : text());
    setCopied(true);
    setTimeout(() => setCopied(false), 1500);
  }
  return (
    <Button
      size="xs"
      variant="default"
      leftSection={<Icon name={isCopied ? 'check' : 'copy'} size={14} />}
      onClick={() => void copy()}
    >
      <span aria-live="polite">{isCopied ? t(common.copied) : label}</span>
    </Button>
  );
}

/** The clipboard is there for HTTPS and this machine only; elsewhere a selection does. */
async function writeText(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement('textarea');
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
}
