import { shell } from '@/app/strings';
import { PageHeader } from '@/components/PageHeader';
import { EmptyState } from '@/components/states';
import { t } from '@/i18n';

export function DevicesListPage() {
  return (
    <>
      <PageHeader title={t(shell.devices)} />
      <EmptyState title={t(shell.devices)} />
    </>
  );
}
