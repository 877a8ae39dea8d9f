import styles from './Progress.module.css';

/** How far something is; without a total, that it goes on. */
export function Progress({ label, done, total }: { label: string; done: number; total: number | null }) {
  const share = total && total > 0 ? Math.min(1, done / total) : null;
  return (
    <div
      className={`${styles.track} ${share === null ? styles.open : ''}`}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      {...(share === null ? {} : { 'aria-valuenow': Math.round(share * 100) })}
    >
      <div className={styles.done} style={share === null ? {} : { width: `${share * 100}%` }} />
    </div>
  );
}
