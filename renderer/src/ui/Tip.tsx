import type { ReactNode } from 'react';
import { Tooltip } from 'react-aria-components';
import styles from './Tip.module.css';

/** The paper slip that explains what one points at; above it, unless what stands there must stay readable. Inside a TooltipTrigger. */
export function Tip({ children, below }: { children: ReactNode; below?: boolean }) {
  return (
    <Tooltip className={styles.tip ?? ''} offset={6} placement={below ? 'bottom start' : 'top'}>
      {children}
    </Tooltip>
  );
}
