/** "14 min ago", by the server's clock, ticking; the moment itself on hover and for machines. */

import { useNow } from '@/hooks/useNow';
import { t } from '@/i18n';
import { common } from '@/i18n/common';
import { moment, span } from '@/i18n/format';

type Props = { at: string | null | undefined; never?: string; timeZone?: string };

export function RelativeTime({ at, never = t(common.never), timeZone }: Props) {
  const now = useNow();
  if (!at) return <span>{never}</span>;
  return (
    <time dateTime={at} title={moment(at, timeZone)} className="numbers">
      {relative(Date.parse(at), now)}
    </time>
  );
}

export function relative(at: number, now: number): string {
  const seconds = (now - at) / 1000;
  if (Math.abs(seconds) < 1) return t(common.now);
  return seconds > 0 ? t(common.ago, { span: span(seconds) }) : t(common.inFuture, { span: span(-seconds) });
}
