import { shell } from '@/app/strings';
import { PageHeader } from '@/components/PageHeader';
import { EmptyState } from '@/components/states';
import { t } from '@/i18n';

export function ParsingLogPage() {
  return (
    <>
      <PageHeader title={t(shell.logs)} />
      <EmptyState title={t(shell.logs)} />
    </>
  );
}
