import { shell } from '@/app/strings';
import { PageHeader } from '@/components/PageHeader';
import { EmptyState } from '@/components/states';
import { t } from '@/i18n';

export function SitePage() {
  return (
    <>
      <PageHeader title={t(shell.overview)} />
      <EmptyState title={t(shell.overview)} />
    </>
  );
}
