import type { ReactNode } from 'react';
import styles from './Facts.module.css';

/** Names and values, one a line. */
export function Facts({ children }: { children: ReactNode }) {
  return <dl className={styles.facts}>{children}</dl>;
}

/** One name with its value. */
export function Fact({ name, children, mono }: { name: string; children: ReactNode; mono?: boolean }) {
  return (
    <>
      <dt className={styles.name}>{name}</dt>
      <dd className={mono ? styles.mono : styles.value}>{children}</dd>
    </>
  );
}
