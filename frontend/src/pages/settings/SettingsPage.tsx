import { shell } from '@/app/strings';
import { PageHeader } from '@/components/PageHeader';
import { EmptyState } from '@/components/states';
import { t } from '@/i18n';

export function SettingsPage() {
  return (
    <>
      <PageHeader title={t(shell.settings)} />
      <EmptyState title={t(shell.settings)} />
    </>
  );
}
