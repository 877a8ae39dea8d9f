import type { ReactNode } from 'react';
import { Tooltip } from 'react-aria-components';
import styles from './Tip.module.css';

/** The paper slip that explains what one points at. Inside a TooltipTrigger. */
export function Tip({ children }: { children: ReactNode }) {
  return (
    <Tooltip className={styles.tip ?? ''} offset={6}>
      {children}
    </Tooltip>
  );
}
