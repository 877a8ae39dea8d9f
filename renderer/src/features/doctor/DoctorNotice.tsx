import { useState } from 'react';
import { useStore } from 'zustand';
import { useProgram, useUi } from '../../state/program.ts';
import { Button } from '../../ui/Button.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { useWords } from '../../words/speak.tsx';
import styles from './Doctor.module.css';
import { useLabels } from './DoctorView.tsx';
import { tellFinding } from './tellFinding.ts';

/** The doctor looked by itself and found something: said quietly, above the tray, until it is seen or sent away. */
export function DoctorNotice() {
  const { ui, mirror } = useProgram();
  const report = useStore(mirror.doctor, (now) => now.report);
  const here = useUi((now) => now.view === 'doctor');
  const [sentAway, setSentAway] = useState('');
  const words = useWords();
  const labelOf = useLabels();
  const worth = report?.findings.filter((one) => one.weight !== 'remark') ?? [];
  const [most] = worth;
  const about = worth.map((one) => one.id).join();
  if (!report?.byItself || here || !most || about === sentAway) return null;
  const { title } = tellFinding(most, words, labelOf);
  return (
    <div className={styles.notice} role="status">
      <Icon name="doctor" />
      <p>{words.say('doctor.notice', { count: worth.length, most: words.language === 'ja' ? `${title}。` : `${title}.` })}</p>
      <Button size="small" onPress={() => ui.setState({ view: 'doctor' })}>
        {words.say('doctor.show')}
      </Button>
      <Button size="small" kind="quiet" icon="close" label={words.say('common.dismiss')} onPress={() => setSentAway(about)} />
    </div>
  );
}
