import { useCallback, useEffect, useState } from 'react';
import type { Guest } from '../../../../electron/contract/guest.ts';
import { type Problem, problemOf } from '../../../../electron/contract/problem.ts';
import { mayChangeHost } from '../../../../electron/contract/rules.ts';
import { useHost, useProgram } from '../../state/program.ts';
import { Button } from '../../ui/Button.tsx';
import { ProblemView, useTellShort } from '../../ui/ProblemView.tsx';
import { Progress } from '../../ui/Progress.tsx';
import { useWords } from '../../words/speak.tsx';
import styles from './Inspector.module.css';

/** The stored config, read from the host and written back only over what was read. */
export function ConfigTab({ guest }: { guest: Guest }) {
  const { session } = useProgram();
  const host = useHost(guest.hostId);
  const { say } = useWords();
  const tell = useTellShort();
  const [file, setFile] = useState<{ file: string; text: string; version: string } | null>(null);
  const [text, setText] = useState('');
  const [note, setNote] = useState<{ saved: true } | { problem: Problem } | null>(null);
  const [busy, setBusy] = useState(false);
  const { hostId, guestId } = guest;
  const has = guest.config !== null;
  const read = useCallback(() => {
    if (!has) return;
    session.call('guest.readConfig', { hostId, guestId }).then(
      (found) => {
        setFile(found);
        setText(found.text);
        setNote(null);
      },
      (thrown: unknown) => setNote({ problem: problemOf(thrown) }),
    );
  }, [session, hostId, guestId, has]);
  useEffect(read, [read]);
  if (!has) return <p className={styles.note}>{say('inspect.noFile')}</p>;
  const changed = file !== null && text !== file.text;
  const verdict = host ? mayChangeHost(host) : null;
  const save = () => {
    if (!file) return;
    setBusy(true);
    session
      .call('guest.writeConfig', { hostId, guestId, text, version: file.version })
      .then(
        ({ version }) => {
          setFile({ ...file, text, version });
          setNote({ saved: true });
        },
        (thrown: unknown) => setNote({ problem: problemOf(thrown) }),
      )
      .finally(() => setBusy(false));
  };
  return (
    <>
      {note && 'problem' in note && <ProblemView problem={note.problem} />}
      {!file && !note && <Progress label={say('common.loading')} done={0} total={null} />}
      {file && (
        <>
          <code>{file.file}</code>
          <textarea
            className={styles.config}
            aria-label={say('config.text', { file: file.file })}
            value={text}
            spellCheck={false}
            onChange={(event) => setText(event.target.value)}
          />
          <p className={styles.note}>{say('config.note')}</p>
        </>
      )}
      <div className={styles.foot}>
        <span className={styles.note} role="status">
          {note && 'saved' in note && !changed ? say('config.saved') : changed ? say('config.unsaved') : ''}
        </span>
        <Button onPress={read}>{say('config.reload')}</Button>
        <Button kind="main" busy={busy} onPress={save} refusal={!verdict || verdict.may ? null : tell(verdict.because)}>
          {say('common.save')}
        </Button>
      </div>
    </>
  );
}
