import clsx from 'clsx';
import type { ReactNode } from 'react';
import { Dialog as AriaDialog, Form, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { useWords } from '../words/speak.tsx';
import { Button } from './Button.tsx';
import styles from './Dialog.module.css';

interface Props {
  title: string;
  children: ReactNode;
  /** Buttons at the foot, besides Cancel. */
  actions?: ReactNode;
  /** Word of the button that only closes. */
  closeLabel?: string;
  width?: 'narrow' | 'normal' | 'wide' | 'full';
  onClose: () => void;
  /** Enter in a field. */
  onSubmit?: () => void;
}

/** A sheet of paper over the window. Escape closes it. */
export function Dialog({ title, children, actions, closeLabel, width = 'normal', onClose, onSubmit }: Props) {
  const { say } = useWords();
  return (
    <ModalOverlay
      isOpen
      isDismissable={false}
      className={styles.veil ?? ''}
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
    >
      <Modal className={clsx(styles.sheet, styles[width])}>
        <AriaDialog className={styles.dialog ?? ''}>
          <Form
            className={styles.form ?? ''}
            validationBehavior="aria"
            onSubmit={(event) => {
              event.preventDefault();
              onSubmit?.();
            }}
          >
            <Heading slot="title" className={styles.title ?? ''}>
              {title}
            </Heading>
            <div className={styles.body}>{children}</div>
            <footer className={styles.foot}>
              <Button onPress={onClose}>{closeLabel ?? say('common.cancel')}</Button>
              {actions}
            </footer>
          </Form>
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}
