import { shell } from '@/app/strings';
import { PageHeader } from '@/components/PageHeader';
import { EmptyState } from '@/components/states';
import { t } from '@/i18n';

export function SystemPage() {
  return (
    <>
      <PageHeader title={t(shell.system)} />
      <EmptyState title={t(shell.system)} />
    </>
  );
}
