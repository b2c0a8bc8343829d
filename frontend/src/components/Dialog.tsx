/** A window over the page: named, closed with Escape, and given back the focus it took. */

import { Modal, type ModalProps } from '@mantine/core';
import { t } from '@/i18n';
import { common } from '@/i18n/common';

export function Dialog(props: Omit<ModalProps, 'opened' | 'closeButtonProps'>) {
  return <Modal opened centered closeButtonProps={{ 'aria-label': t(common.close) }} {...props} />;
}
