import { problemOf } from '../../../../electron/contract/problem.ts';
import { useProgram } from '../../state/program.ts';
import { show } from '../../state/ui.ts';
import { Icon } from '../../ui/Icon.tsx';
import { useWords } from '../../words/speak.tsx';
import styles from './FirstStart.module.css';

/** The first start: two equal choices. */
export function FirstStart() {
  const { ui, session } = useProgram();
  const { say } = useWords();
  const openDemo = () => {
    session.call('app.openDemo', {}).then(
      () => location.reload(),
      (thrown: unknown) => ui.setState({ refused: { problem: problemOf(thrown), about: say('first.demo') } }),
    );
  };
  return (
    <div className={styles.first}>
      <div className={styles.choices}>
        <button type="button" className={styles.choice} onClick={() => show(ui, { is: 'addHost' })}>
          <Icon name="plus" size={28} />
          <strong>{say('first.add')}</strong>
          <span>{say('first.addText')}</span>
        </button>
        <button type="button" className={styles.choice} onClick={openDemo}>
          <Icon name="rack" size={28} />
          <strong>{say('first.demo')}</strong>
          <span>{say('first.demoText')}</span>
        </button>
      </div>
    </div>
  );
}
