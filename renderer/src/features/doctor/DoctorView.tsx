import { useCallback, useEffect, useState } from 'react';
import { useStore } from 'zustand';
import type { DoctorReport } from '../../../../electron/contract/doctor.ts';
import type { HostId } from '../../../../electron/contract/host.ts';
import { type Problem, problemOf } from '../../../../electron/contract/problem.ts';
import { useHosts, useProgram } from '../../state/program.ts';
import { Button } from '../../ui/Button.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { ProblemView } from '../../ui/ProblemView.tsx';
import { useWords } from '../../words/speak.tsx';
import styles from './Doctor.module.css';
import { FindingCard } from './FindingCard.tsx';

/** What broken moves and creations left: looked for when one comes here, and on request. */
export function DoctorView() {
  const { session, mirror } = useProgram();
  const { say, format } = useWords();
  const hosts = useHosts();
  const report = useStore(mirror.doctor, (now) => now.report);
  const [looking, setLooking] = useState(true);
  const [problem, setProblem] = useState<Problem | null>(null);
  const look = useCallback(() => {
    setLooking(true);
    session
      .call('doctor.look', {})
      .then(
        () => setProblem(null),
        (thrown: unknown) => setProblem(problemOf(thrown)),
      )
      .finally(() => setLooking(false));
  }, [session]);
  useEffect(look, [look]);
  if (hosts.length === 0) return <p className={styles.empty}>{say('doctor.noHosts')}</p>;
  return (
    <div className={styles.view}>
      <header className={styles.head}>
        <p className={styles.intro}>{say('doctor.intro')}</p>
        <div className={styles.again}>
          <span className={styles.when} role="status">
            {looking ? `${say('doctor.looking')}…` : report && say('doctor.lookedAt', { time: format.time(report.at) })}
          </span>
          <Button icon="doctor" busy={looking} onPress={look}>
            {say('doctor.look')}
          </Button>
        </div>
      </header>
      {problem && <ProblemView problem={problem} />}
      {report && <Report report={report} />}
    </div>
  );
}

function Report({ report }: { report: DoctorReport }) {
  const labelOf = useLabels();
  const { say, format } = useWords();
  const list = (ids: readonly HostId[]) => format.list(ids.map(labelOf));
  return (
    <>
      {report.findings.length === 0 && (report.asked.length > 0 || report.notAsked.length === 0) && (
        <section className={styles.fine}>
          <Icon name="check" size={24} />
          <div>
            <h2>{say('doctor.fine')}</h2>
            <p>{say(report.notAsked.length > 0 ? 'doctor.fineAsked' : 'doctor.fineText')}</p>
          </div>
        </section>
      )}
      <ul className={styles.findings}>
        {report.findings.map((one) => (
          <FindingCard key={one.id} found={one} labelOf={labelOf} />
        ))}
      </ul>
      <footer className={styles.foot}>
        {report.asked.length > 0 && <p>{say('doctor.asked', { hosts: list(report.asked) })}</p>}
        {report.notAsked.length > 0 && (
          <p className={styles.missing}>{say('doctor.notAsked', { hosts: list(report.notAsked.map((one) => one.hostId)) })}</p>
        )}
      </footer>
    </>
  );
}

/** Labels of hosts; one that was removed meanwhile is '?'. */
export function useLabels(): (id: HostId) => string {
  const byId = useStore(useProgram().mirror.hosts, (all) => all.byId);
  return (id) => byId.get(id)?.label ?? '?';
}
