import { HistoryList } from './HistoryList.tsx';
import styles from './HistoryView.module.css';

/** Everything that was done, newest first. */
export function HistoryView() {
  return (
    <div className={styles.history}>
      <HistoryList />
    </div>
  );
}
