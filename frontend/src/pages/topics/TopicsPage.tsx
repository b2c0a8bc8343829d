import { shell } from '@/app/strings';
import { PageHeader } from '@/components/PageHeader';
import { EmptyState } from '@/components/states';
import { t } from '@/i18n';

export function TopicsPage() {
  return (
    <>
      <PageHeader title={t(shell.topics)} />
      <EmptyState title={t(shell.topics)} />
    </>
  );
}
