import { useEffect, useState } from 'react';
import type { HostId } from '../../../../electron/contract/host.ts';
import { type Problem, problemOf } from '../../../../electron/contract/problem.ts';
import type { Fix, TwinReport } from '../../../../electron/contract/twin.ts';
import { useHost, useHosts, useProgram } from '../../state/program.ts';
import { show } from '../../state/ui.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { Select } from '../../ui/Field.tsx';
import { ProblemView } from '../../ui/ProblemView.tsx';
import { Progress } from '../../ui/Progress.tsx';
import { useWords } from '../../words/speak.tsx';
import styles from './CompareDialog.module.css';
import { ReportTable } from './ReportTable.tsx';

type Asked = { is: 'asking' } | { is: 'found'; report: TwinReport } | { is: 'refused'; problem: Problem };

/** Two servers side by side, as partners for moves; what the one lacks can be made from here. */
export function CompareDialog({ hostId, otherHostId, onClose }: { hostId: HostId; otherHostId: HostId | null; onClose: () => void }) {
  const { ui } = useProgram();
  const host = useHost(hostId);
  const others = useHosts().filter((one) => one.id !== hostId);
  const { say } = useWords();
  const [chosen, setChosen] = useState<HostId | null>(otherHostId ?? (others.length === 1 ? (others[0]?.id ?? null) : null));
  const { asked, again } = useReport(hostId, chosen);
  const other = useHost(chosen);
  if (!host) return null;
  const fix = (on: HostId, what: Fix) =>
    show(ui, { is: 'fix', hostId: on, fix: what, back: { is: 'compare', hostId, otherHostId: chosen } });
  return (
    <Dialog
      title={say('twin.title', { label: host.label })}
      width="full"
      closeLabel={say('common.close')}
      onClose={onClose}
      actions={
        chosen && (
          <Button icon="search" busy={asked.is === 'asking'} onPress={again}>
            {say('twin.again')}
          </Button>
        )
      }
    >
      {others.length === 0 ? (
        <p>{say('twin.none')}</p>
      ) : (
        <div className={styles.partner}>
          <Select
            label={say('twin.other')}
            value={chosen}
            placeholder={say('twin.choose')}
            options={others.map((one) => ({
              value: one.id,
              label: one.label,
              refusal: one.link.is === 'open' ? null : say(`link.${one.link.is}`),
            }))}
            onChange={setChosen}
          />
          {other && asked.is === 'found' && <Summary report={asked.report} />}
        </div>
      )}
      {chosen && asked.is === 'asking' && (
        <div role="status">
          <p className={styles.note}>{say('twin.looking')}…</p>
          <Progress label={say('twin.looking')} done={0} total={null} />
        </div>
      )}
      {chosen && asked.is === 'refused' && <ProblemView problem={asked.problem} />}
      {other && asked.is === 'found' && <ReportTable one={host} two={other} report={asked.report} onFix={fix} />}
    </Dialog>
  );
}

/** Asks for the report of two hosts; again when told to, or when another partner is chosen. */
function useReport(hostId: HostId, otherHostId: HostId | null): { asked: Asked; again: () => void } {
  const { session } = useProgram();
  const [asked, setAsked] = useState<Asked>({ is: 'asking' });
  const [turn, setTurn] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new turn asks again
  useEffect(() => {
    if (!otherHostId) return;
    const aborter = new AbortController();
    const tell = (now: Asked) => {
      if (!aborter.signal.aborted) setAsked(now);
    };
    tell({ is: 'asking' });
    session.call('twin.check', { hostId, otherHostId }, aborter.signal).then(
      (report) => tell({ is: 'found', report }),
      (thrown: unknown) => tell({ is: 'refused', problem: problemOf(thrown) }),
    );
    return () => aborter.abort();
  }, [session, hostId, otherHostId, turn]);
  return { asked, again: () => setTurn((was) => was + 1) };
}

function Summary({ report }: { report: TwinReport }) {
  const { say } = useWords();
  const count = (verdict: string) => report.findings.filter((one) => one.verdict === verdict).length;
  const bad = count('bad');
  const warnings = count('warning');
  return (
    <p className={bad > 0 ? styles.hinders : styles.fits} role="status">
      {bad + warnings === 0 ? say('twin.fits') : say('twin.summary', { bad, warnings })}
    </p>
  );
}
