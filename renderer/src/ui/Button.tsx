import clsx from 'clsx';
import type { ReactNode } from 'react';
import { Button as AriaButton, TooltipTrigger } from 'react-aria-components';
import styles from './Button.module.css';
import { Icon, type IconName } from './Icon.tsx';
import { Tip } from './Tip.tsx';

interface Props {
  children?: ReactNode;
  icon?: IconName;
  /** Said by screen readers and shown as a tip; needed where there is no text. */
  label?: string;
  kind?: 'plain' | 'main' | 'danger' | 'quiet';
  size?: 'normal' | 'small';
  /** Why it can't be pressed now. It stays focusable, so that the reason can be read. */
  refusal?: string | null;
  busy?: boolean;
  submit?: boolean;
  autoFocus?: boolean;
  onPress?: () => void;
}

/** A button. A refused one says why. */
export function Button({ children, icon, label, kind = 'plain', size = 'normal', refusal, busy, submit, autoFocus, onPress }: Props) {
  const refused = refusal != null;
  const button = (
    <AriaButton
      className={clsx(styles.button, styles[kind], size === 'small' && styles.small, !children && styles.bare, refused && styles.refused)}
      type={submit && !refused ? 'submit' : 'button'}
      {...(label ? { 'aria-label': refused ? `${label}: ${refusal}` : label } : {})}
      {...(autoFocus ? { autoFocus } : {})}
      isPending={busy ?? false}
      onPress={() => {
        if (!refused) onPress?.();
      }}
      aria-disabled={refused ? 'true' : 'false'}
    >
      {icon && <Icon name={icon} />}
      {children}
    </AriaButton>
  );
  const tip = refusal ?? (children ? null : label);
  if (!tip) return button;
  return (
    <TooltipTrigger delay={350} closeDelay={0}>
      {button}
      <Tip>{tip}</Tip>
    </TooltipTrigger>
  );
}
