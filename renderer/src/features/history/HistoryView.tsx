import { useState } from 'react';
import { Choice } from '../../ui/Field.tsx';
import { useWords } from '../../words/speak.tsx';
import { HistoryList } from './HistoryList.tsx';
import styles from './HistoryView.module.css';

/** Everything that was done, newest first; or the moves alone, one beside the other. */
export function HistoryView() {
  const { say } = useWords();
  const [shows, setShows] = useState<'everything' | 'moves'>('everything');
  return (
    <div className={styles.history}>
      <Choice
        label={say('history.shows')}
        value={shows}
        onChange={setShows}
        options={[
          { value: 'everything', label: say('history.everything') },
          { value: 'moves', label: say('history.moves') },
        ]}
      />
      <HistoryList moves={shows === 'moves'} />
    </div>
  );
}
