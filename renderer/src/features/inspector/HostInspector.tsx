import type { Host, HostFinding, HostId } from '../../../../electron/contract/host.ts';
import { hostActions } from '../../actions/hostActions.ts';
import { dom0Key } from '../../state/figures.ts';
import { useGuests, useHost, useProgram } from '../../state/program.ts';
import { Button } from '../../ui/Button.tsx';
import { Fact, Facts } from '../../ui/Facts.tsx';
import { ProblemView, useTellShort } from '../../ui/ProblemView.tsx';
import { useWords } from '../../words/speak.tsx';
import { FiguresCharts, useFilled } from './HistoryTab.tsx';
import styles from './Inspector.module.css';
import { SpareReport } from './SpareReport.tsx';

/** A host: its report, what it has, and what can be done to it. */
export function HostInspector({ hostId }: { hostId: HostId }) {
  const program = useProgram();
  const host = useHost(hostId);
  const { say } = useWords();
  const tell = useTellShort();
  useFilled(hostId);
  if (!host) return <p className={styles.gone}>{say('inspect.gone')}</p>;
  return (
    <div className={styles.whole}>
      <header className={styles.head}>
        <h2 className={styles.title}>{host.label}</h2>
        <p className={styles.sub}>
          <span>{say(`link.${host.link.is}`)}</span>
          <span>{`${host.user}@${host.address}:${host.port}`}</span>
        </p>
        <div className={styles.actions}>
          {hostActions
            .filter((one) => one.fits(host))
            .map((action) => {
              const verdict = action.may(host);
              return (
                <Button
                  key={action.id}
                  size="small"
                  icon={action.icon}
                  kind={action.danger ? 'danger' : 'plain'}
                  refusal={verdict.may ? null : tell(verdict.because)}
                  onPress={() => action.run(program, host)}
                >
                  {say(action.label)}
                </Button>
              );
            })}
        </div>
      </header>
      <div className={styles.report}>
        <LinkProblem host={host} />
        <Report host={host} />
        <SpareReport hostId={host.id} />
        <HostFactList host={host} />
        {host.facts && <FiguresCharts figuresKey={dom0Key(host.id)} />}
      </div>
    </div>
  );
}

function LinkProblem({ host }: { host: Host }) {
  const { ui } = useProgram();
  const { say } = useWords();
  if (host.link.is !== 'lost') return host.watchProblem ? <ProblemView still problem={host.watchProblem} /> : null;
  return (
    <>
      <ProblemView still problem={host.link.problem} />
      {host.link.problem.code === 'hostKey.changed' && (
        <Button kind="danger" onPress={() => ui.setState({ dialog: { is: 'hostKeyChanged', hostId: host.id } })}>
          {say('hostKey.changedTitle', { label: host.label })}
        </Button>
      )}
    </>
  );
}

const order: readonly HostFinding['hinders'][] = ['everything', 'changing', 'creating', 'migrating'];

/** The short report: what is missing, for what. */
function Report({ host }: { host: Host }) {
  const { say } = useWords();
  return (
    <section className={styles.section}>
      <h3>{say('report.title')}</h3>
      {!host.facts && host.findings.length === 0 && (
        <p className={styles.note}>{say(host.link.is === 'open' ? 'report.examining' : 'report.never')}</p>
      )}
      {host.facts && host.findings.length === 0 && <p>{say('report.fine')}</p>}
      {order.flatMap((hinders) => {
        const those = host.findings.filter((one) => one.hinders === hinders);
        if (those.length === 0) return [];
        return [
          <div key={hinders} className={styles.section}>
            <p className={styles.note}>{say(`report.${hinders}`)}</p>
            {those.map((one) => (
              <ProblemView
                key={JSON.stringify(one.problem)}
                still
                mild={hinders === 'creating' || hinders === 'migrating'}
                problem={one.problem}
              />
            ))}
          </div>,
        ];
      })}
    </section>
  );
}

function HostFactList({ host }: { host: Host }) {
  const { say, format } = useWords();
  const counts = useGuests((all) => {
    const those = (all.keysOf.get(host.id) ?? []).map((key) => all.byId.get(key));
    return `${those.filter((one) => one && one.state !== 'halted').length} ${those.filter((one) => one?.state === 'halted').length}`;
  });
  const [running = '0', halted = '0'] = counts.split(' ');
  const facts = host.facts;
  if (!facts) return null;
  return (
    <Facts>
      <Fact name={say('facts.xen')}>{facts.xenVersion}</Fact>
      <Fact name={say('facts.distribution')}>{facts.distribution}</Fact>
      <Fact name={say('facts.types')}>{format.list(facts.types.map((one) => say(`type.${one}`)))}</Fact>
      <Fact name={say('facts.cpu')}>{say('facts.cpuText', { cpus: facts.cpus, model: facts.cpuModel })}</Fact>
      <Fact name={say('facts.memory')}>
        {say('facts.memoryText', {
          total: format.memory(facts.totalMemoryMiB),
          free: format.memory(host.freeMemoryMiB ?? facts.freeMemoryMiB),
          dom0: format.memory(host.dom0MemoryMiB ?? 0),
        })}
      </Fact>
      <Fact name={say('facts.guests')}>{say('facts.guestsText', { running, halted })}</Fact>
      <Fact name={say('facts.bridges')}>
        {facts.bridges.length > 0 ? format.list(facts.bridges.map((one) => one.name)) : say('common.none')}
      </Fact>
      <Fact name={say('facts.storage')}>
        {facts.places.map((one) => {
          const name = one.is === 'directory' ? one.path : one.name;
          return (
            <span key={name} style={{ display: 'block' }}>
              {say('facts.place', { name, free: format.memory(one.freeMiB), total: format.memory(one.totalMiB) })}
              {one.is === 'directory' && one.shared !== null && ` · ${say('facts.shared')}`}
            </span>
          );
        })}
      </Fact>
      <Fact name={say('facts.folders')} mono>
        {facts.configFolders.join(' ')}
      </Fact>
      <Fact name={say('facts.clock')}>{format.duration(Math.abs(facts.clockOffsetMs))}</Fact>
      <Fact name={say('facts.addresses')} mono>
        {facts.addresses.join(' ')}
      </Fact>
    </Facts>
  );
}
