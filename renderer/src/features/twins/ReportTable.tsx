import type { ReactNode } from 'react';
import type { Host, HostId } from '../../../../electron/contract/host.ts';
import { mayChangeHost } from '../../../../electron/contract/rules.ts';
import {
  type Fix,
  fixFor,
  type TwinFinding,
  type TwinReport,
  type TwinSide,
  type TwinSubject,
  twinSubjects,
} from '../../../../electron/contract/twin.ts';
import { Button } from '../../ui/Button.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { useTellShort } from '../../ui/ProblemView.tsx';
import { tellProblem } from '../../words/problems/tell.ts';
import { useWords, type Words } from '../../words/speak.tsx';
import styles from './CompareDialog.module.css';

const icons = { good: 'check', warning: 'warn', bad: 'bad' } as const;

interface Pair {
  one: Host;
  two: Host;
  onFix: (hostId: HostId, fix: Fix) => void;
}

/** Subject by subject: what each host has, and below it what was found. */
export function ReportTable({ one, two, report, onFix }: Pair & { report: TwinReport }) {
  const words = useWords();
  const { say } = words;
  return (
    <table className={styles.table} aria-label={say('twin.table', { one: one.label, two: two.label })}>
      <thead>
        <tr>
          <th scope="col">
            <span className={styles.unseen}>{say('twin.subject')}</span>
          </th>
          <th scope="col">{one.label}</th>
          <th scope="col">{two.label}</th>
        </tr>
      </thead>
      {twinSubjects.map((what) => {
        const those = report.findings.filter((finding) => finding.what === what);
        const worst = (['bad', 'warning'] as const).find((verdict) => those.some((finding) => finding.verdict === verdict)) ?? 'good';
        return (
          <tbody key={what}>
            <tr>
              <th scope="row" className={`${styles.subject} ${styles[worst]}`}>
                <Icon name={icons[worst]} />
                {say(`twin.${what}`)}
                <span className={styles.unseen}>{` (${say(`check.${worst}`)})`}</span>
              </th>
              <td>{cellOf(what, one, report.sides[0], words)}</td>
              <td>{cellOf(what, two, report.sides[1], words)}</td>
            </tr>
            {worst !== 'good' && (
              <tr>
                <td />
                <td colSpan={2}>
                  <ul className={styles.findings}>
                    {those.map((finding) => (
                      <Finding key={JSON.stringify([finding.to, finding.problem])} finding={finding} one={one} two={two} onFix={onFix} />
                    ))}
                  </ul>
                </td>
              </tr>
            )}
          </tbody>
        );
      })}
    </table>
  );
}

/** One reason, with its direction, and what would help. */
function Finding({ finding, one, two, onFix }: Pair & { finding: TwinFinding }) {
  const words = useWords();
  const { say } = words;
  const tell = useTellShort();
  if (!finding.problem) return null;
  const told = tellProblem(finding.problem, words);
  const target = finding.to === one.id ? one : finding.to === two.id ? two : null;
  const source = target === one ? two : one;
  const fix = target && fixFor(finding.problem);
  const may = target && mayChangeHost(target);
  return (
    <li className={`${styles.finding} ${styles[finding.verdict]}`}>
      <Icon name={icons[finding.verdict]} />
      <div className={styles.told}>
        <p className={styles.way}>{target ? say('twin.way', { from: source.label, to: target.label }) : say('twin.both')}</p>
        <p className={styles.what}>{told.what}</p>
        <p className={styles.note}>{told.next}</p>
      </div>
      {target && fix && may && (
        <Button size="small" icon="plus" refusal={may.may ? null : tell(may.because)} onPress={() => onFix(target.id, fix)}>
          {say('fix.offer', { label: target.label })}
        </Button>
      )}
    </li>
  );
}

/** What a host has of a subject. */
function cellOf(what: TwinSubject, { facts }: Host, side: TwinSide, { say, format }: Words): ReactNode {
  if (!facts) return null;
  switch (what) {
    case 'version':
      return facts.xenVersion;
    case 'cpu':
      return facts.cpuModel || facts.cpuVendor;
    case 'features':
      return side.features === null ? say('twin.untold') : say('twin.featuresCount', { count: side.features });
    case 'type':
      return format.list(facts.types.map((one) => say(`type.${one}`)));
    case 'bridge':
      if (facts.bridges.length === 0) return say('common.none');
      return format.list(
        facts.bridges.map(({ name, up, ports }) =>
          !up ? say('twin.bridgeDown', { name }) : ports.length === 0 ? say('twin.bridgeInner', { name }) : name,
        ),
      );
    case 'storage':
      return facts.places.map((one) => {
        const name = one.is === 'directory' ? one.path : one.name;
        return (
          <span key={name} className={styles.place}>
            <code>{name}</code>
            {one.is === 'directory' && one.shared !== null && ` · ${say('facts.shared')}`}
          </span>
        );
      });
    case 'clock': {
      if (Math.abs(facts.clockOffsetMs) < 500) return say('twin.clockSame');
      const duration = format.duration(Math.abs(facts.clockOffsetMs));
      return say(facts.clockOffsetMs < 0 ? 'twin.clockBehind' : 'twin.clockAhead', { duration });
    }
    case 'keymap':
      return side.keymaps === null ? say('twin.untold') : say('twin.keymapsCount', { count: side.keymaps.length });
  }
}
