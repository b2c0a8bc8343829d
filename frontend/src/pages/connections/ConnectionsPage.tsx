import { shell } from '@/app/strings';
import { PageHeader } from '@/components/PageHeader';
import { EmptyState } from '@/components/states';
import { t } from '@/i18n';

export function ConnectionsPage() {
  return (
    <>
      <PageHeader title={t(shell.connections)} />
      <EmptyState title={t(shell.connections)} />
    </>
  );
}
