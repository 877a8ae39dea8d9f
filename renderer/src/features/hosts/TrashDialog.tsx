import { useCallback, useEffect, useState } from 'react';
import type { TrashEntry } from '../../../../electron/contract/app.ts';
import type { HostId } from '../../../../electron/contract/host.ts';
import { type Problem, problem, problemOf } from '../../../../electron/contract/problem.ts';
import { isHeldUp, sendGuarded } from '../../actions/guarded.ts';
import { useHost, useProgram } from '../../state/program.ts';
import { show } from '../../state/ui.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { ProblemView, useTellShort } from '../../ui/ProblemView.tsx';
import { Progress } from '../../ui/Progress.tsx';
import { TypedNameDialog } from '../../ui/TypedNameDialog.tsx';
import { useWords } from '../../words/speak.tsx';
import styles from './TrashDialog.module.css';

/** Why it can't be put back; null: it can. */
const refusalOf = ({ name, disks }: TrashEntry, tell: (why: Problem) => string): string | null =>
  disks.some((disk) => !disk.whole) ? tell(problem('trash.partly', { name })) : null;

/** What was removed on a host, with the way back. */
export function TrashDialog({ hostId, onClose }: { hostId: HostId; onClose: () => void }) {
  const program = useProgram();
  const { session } = program;
  const host = useHost(hostId);
  const { say, format } = useWords();
  const tell = useTellShort();
  const sizeOf = useSizeOf();
  const [entries, setEntries] = useState<TrashEntry[] | null>(null);
  const [refused, setRefused] = useState<Problem | null>(null);
  const [going, setGoing] = useState<TrashEntry | null>(null);
  const read = useCallback(() => {
    session.call('trash.list', { hostId }).then(setEntries, (thrown: unknown) => setRefused(problemOf(thrown)));
  }, [session, hostId]);
  useEffect(read, [read]);
  const putBack = (trashId: string) => {
    const call = { name: 'trash.putBack', input: { hostId, trashId } } as const;
    sendGuarded(program, call).then(onClose, (thrown: unknown) => {
      const why = problemOf(thrown);
      if (isHeldUp(why)) show(program.ui, { is: 'notAsked', held: [{ call, why }] });
      else setRefused(why);
    });
  };
  if (going) return <LetGoDialog hostId={hostId} entry={going} onBack={() => setGoing(null)} onDone={onClose} />;
  return (
    <Dialog title={say('trash.title', { label: host?.label ?? '' })} width="wide" closeLabel={say('common.close')} onClose={onClose}>
      {refused && <ProblemView problem={refused} />}
      {!entries && !refused && <Progress label={say('common.loading')} done={0} total={null} />}
      {entries?.length === 0 && <p className={styles.empty}>{say('trash.empty')}</p>}
      <ul className={styles.list}>
        {entries?.map((one) => (
          <li key={one.trashId} className={styles.entry}>
            <div>
              <strong>{one.name}</strong>
              <p className={styles.note}>
                {one.movedTo === null
                  ? say('trash.removedAt', { when: format.dateTime(one.removedAt) })
                  : (refusalOf(one, tell) ?? say('trash.movedTo', { host: one.movedTo, when: format.dateTime(one.removedAt) }))}
              </p>
              <p className={styles.note}>
                <code>{one.configFile}</code>
                {one.disks.length > 0 && ` · ${say('trash.disks', { count: one.disks.length, size: sizeOf(one.disks) })}`}
              </p>
            </div>
            <span className={styles.ways}>
              <Button kind="quiet" onPress={() => setGoing(one)}>
                {say('trash.letGo')}
              </Button>
              <Button refusal={refusalOf(one, tell)} onPress={() => putBack(one.trashId)}>
                {say('trash.putBack')}
              </Button>
            </span>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

/** Deletes what lies in the trash, its name typed. */
function LetGoDialog({
  hostId,
  entry: { name, trashId, disks },
  onBack,
  onDone,
}: {
  hostId: HostId;
  entry: TrashEntry;
  onBack: () => void;
  onDone: () => void;
}) {
  const { session } = useProgram();
  const { say } = useWords();
  const sizeOf = useSizeOf();
  return (
    <TypedNameDialog
      title={say('trash.letGoTitle', { name })}
      name={name}
      does={say('trash.letGoDo')}
      send={(typedName) => session.call('trash.letGo', { hostId, trashId, typedName })}
      onClose={onBack}
      onDone={onDone}
    >
      <p>{say('trash.letGoText', { count: disks.length, size: sizeOf(disks) })}</p>
    </TypedNameDialog>
  );
}

/** Says how much disks hold, together. */
function useSizeOf(): (disks: TrashEntry['disks']) => string {
  const { format } = useWords();
  return (disks) => format.memory(disks.reduce((sum, disk) => sum + disk.sizeMiB, 0));
}
