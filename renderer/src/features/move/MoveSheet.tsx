import { useEffect, useState } from 'react';
import type { OutputOf } from '../../../../electron/contract/api.ts';
import type { WayToGo } from '../../../../electron/contract/diskTravel.ts';
import type { GuestKey } from '../../../../electron/contract/guest.ts';
import type { HostId } from '../../../../electron/contract/host.ts';
import { type Problem, problemOf } from '../../../../electron/contract/problem.ts';
import { hinderedLater, type Transport } from '../../../../electron/contract/transport.ts';
import { fixFor } from '../../../../electron/contract/twin.ts';
import type { GuestSubject } from '../../actions/action.ts';
import { useHost, useHosts, useProgram } from '../../state/program.ts';
import { choose, show } from '../../state/ui.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { type Option, Select, TextInput } from '../../ui/Field.tsx';
import { ProblemView, useTellShort } from '../../ui/ProblemView.tsx';
import { useWords, type Words } from '../../words/speak.tsx';
import { useSubjects } from '../guests/useSubjects.ts';
import { moveVerdict } from '../rack/verdicts.ts';
import { LimitField } from './LimitField.tsx';
import { copiesDisks, limitFault, limitOf, lineSpeed, noLimit } from './limit.ts';
import { MoveChecks } from './MoveChecks.tsx';
import { howOf, MoveHow, wayIn } from './MoveHow.tsx';
import styles from './MoveSheet.module.css';
import { type DiskWishes, noWishes, PlaceFields } from './PlaceFields.tsx';
import { TransportField } from './TransportField.tsx';
import { needsName, TypeName } from './TypeName.tsx';
import { WhenField } from './WhenField.tsx';
import { timeOf } from './when.ts';

/** What `migration.check` found for one guest; null while it looks. */
export type MoveCheck = OutputOf<'migration.check'>;
export type Checked = { is: 'asking' } | { is: 'found'; check: MoveCheck } | { is: 'refused'; problem: Problem };

/** Names what a move will do, with one button; nothing moves without it. */
export function MoveSheet({
  keys,
  targetHostId,
  onClose,
}: {
  keys: readonly GuestKey[];
  targetHostId: HostId | null;
  onClose: () => void;
}) {
  const program = useProgram();
  const { say } = useWords();
  const subjects = useSubjects(keys);
  const targets = useTargets(subjects);
  const [chosen, setChosen] = useState<HostId | null>(targetHostId ?? only(targets));
  const [wanted, setWanted] = useState<Transport | null>(null);
  const [wantedHow, setWantedHow] = useState<WayToGo | null>(null);
  const [wishes, setWishes] = useState(noWishes);
  const { checks, said } = useChecks(subjects, chosen, { transport: wanted, wishes });
  const [when, setWhen] = useState<string | null>(null);
  const [ping, setPing] = useState<string | null>(null);
  const [limit, setLimit] = useState(noLimit);
  const [typed, setTyped] = useState<Record<GuestKey, string>>({});
  const [refused, setRefused] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const tell = useTellShort();
  const target = useHost(chosen);
  const [first] = subjects;
  if (!first) return null;
  const how = howOf(said.values(), wantedHow);
  const ways = subjects.flatMap(({ guest }) => wayIn(said.get(guest.key), how) ?? []);
  const carried = ways.find((way) => way.transports.length > 0) ?? null;
  const copied = ways.find(copiesDisks) ?? null;
  const copies = copied !== null;
  const bytesPerS = copied && lineSpeed(copied);
  const limitMiBPerS = copies ? limitOf(limit, bytesPerS) : null;
  const limitBad = copies ? limitFault(limit, bytesPerS) : null;
  const unsure = subjects.filter(({ guest }) => {
    const way = wayIn(said.get(guest.key), how);
    return way !== null && needsName(way.checks);
  });
  const missing = unsure.find(({ guest }) => typed[guest.key] !== guest.name);
  const running = subjects.some((one) => one.guest.state !== 'halted');
  const notLater = hinderedLater(wanted ?? carried?.transport ?? null);
  // it is pinged, and may wait for its time
  const oneLive = chosen !== null && running && how === 'straight' && subjects.length === 1;
  const waitsFor = oneLive ? when : null;
  const hindrance =
    hindranceText(checks, { chosen, first, how }, say, tell) ??
    (waitsFor !== null && notLater ? tell(notLater) : null) ??
    (waitsFor !== null && timeOf(waitsFor, Date.now()) === null ? say('move.atBad') : null) ??
    (limitBad ? say(limitBad) : missing ? say('common.typeName', { name: missing.guest.name }) : null);
  const found = checks.get(first.guest.key);
  const told = said.get(first.guest.key);
  const pingAddress = ping ?? (found?.is === 'found' ? found.check.pingAddress : null) ?? '';
  const chooseTarget = (id: HostId) => {
    setWanted(null); // another target may be reached otherwise
    setWishes(noWishes);
    setChosen(id);
  };
  const start = () => {
    if (!chosen || hindrance || limitMiBPerS === 'bad') return;
    const at = waitsFor === null ? null : timeOf(waitsFor, Date.now());
    setBusy(true);
    const asked = subjects.map(({ guest }) => {
      const own = checks.get(guest.key);
      const address = subjects.length === 1 ? pingAddress.trim() : own?.is === 'found' ? own.check.pingAddress : null;
      return program.session.call('migration.start', {
        hostId: guest.hostId,
        guestId: guest.guestId,
        targetHostId: chosen,
        typedName: typed[guest.key] ?? null,
        pingAddress: address || null,
        transport: wanted,
        ...wishes,
        at,
        limitMiBPerS,
        stop: how !== 'straight',
        save: how === 'saved',
      });
    });
    Promise.all(asked)
      .then(
        () => {
          choose(program.ui, { is: 'guest', key: first.guest.key }, 'overview');
          onClose();
        },
        (thrown: unknown) => setRefused(problemOf(thrown)),
      )
      .finally(() => setBusy(false));
  };
  return (
    <Dialog
      title={subjects.length === 1 ? say('move.title', { name: first.guest.name }) : say('move.titleMany', { count: subjects.length })}
      onClose={onClose}
      onSubmit={start}
      width="wide"
      actions={
        <Button kind="main" submit busy={busy} refusal={hindrance}>
          {say(goWord({ how, running, copies, waits: waitsFor !== null }))}
        </Button>
      }
    >
      <Way subject={first} chosen={chosen} targets={targets} onChoose={chooseTarget} />
      {told?.is === 'found' && told.check.stopped ? (
        <MoveHow checked={told} how={how} memoryMiB={first.guest.memoryMiB} onChoose={setWantedHow} />
      ) : (
        <p>{say(running ? 'move.live' : copies ? 'move.coldDisks' : 'move.cold')}</p>
      )}
      {chosen &&
        subjects.map(({ guest }) => (
          <MoveChecks
            key={guest.key}
            name={subjects.length > 1 ? guest.name : null}
            checked={checks.get(guest.key) ?? { is: 'asking' }}
            way={wayIn(checks.get(guest.key), how)}
            target={target}
            onFix={(fix) =>
              show(program.ui, { is: 'fix', hostId: chosen, fix, back: { is: 'move', keys: [...keys], targetHostId: chosen } })
            }
          />
        ))}
      <TransportField way={carried} memory={running && how === 'straight'} wanted={wanted} onChoose={setWanted} />
      {oneLive && (
        <div className={styles.ping}>
          <TextInput label={say('move.ping')} hint={say('move.pingHint')} value={pingAddress} onChange={setPing} mono />
        </div>
      )}
      {target && <PlaceFields key={target.id} way={copied} target={target} wishes={wishes} onChange={setWishes} />}
      {oneLive && <WhenField at={when} refused={notLater} onChange={setWhen} />}
      {copies && <LimitField limit={limit} bytesPerS={bytesPerS} onChange={setLimit} />}
      {unsure.map(({ guest }) => (
        <TypeName
          key={guest.key}
          name={guest.name}
          value={typed[guest.key] ?? ''}
          onChange={(text) => setTyped({ ...typed, [guest.key]: text })}
        />
      ))}
      {refused && <ProblemView problem={refused} />}
    </Dialog>
  );
}

function goWord({ how, running, copies, waits }: { how: WayToGo; running: boolean; copies: boolean; waits: boolean }) {
  if (waits) return 'move.goLater';
  if (how === 'stopped') return 'move.goStopped';
  if (how === 'saved') return 'move.goSaved';
  return running ? 'move.go' : copies ? 'move.goColdDisks' : 'move.goCold';
}

function Way({
  subject,
  chosen,
  targets,
  onChoose,
}: {
  subject: GuestSubject;
  chosen: HostId | null;
  targets: readonly Option<HostId>[];
  onChoose: (id: HostId) => void;
}) {
  const { say, format } = useWords();
  const target = useHost(chosen);
  return (
    <div className={styles.way}>
      <div>
        <p className={styles.name}>{say('move.from')}</p>
        <p className={styles.host}>{subject.host.label}</p>
        <p className={styles.note}>{format.memory(subject.guest.memoryMiB)}</p>
      </div>
      <span className={styles.arrow} aria-hidden="true">
        →
      </span>
      <div>
        <Select label={say('move.to')} value={chosen} options={targets} onChange={onChoose} placeholder={say('move.choose')} />
        {target?.freeMemoryMiB != null && <p className={styles.note}>{say('rack.free', { free: format.memory(target.freeMemoryMiB) })}</p>}
      </div>
    </div>
  );
}

/** Hosts one could move to, each with the rule's reason against it. */
function useTargets(subjects: readonly GuestSubject[]): Option<HostId>[] {
  const program = useProgram();
  const hosts = useHosts();
  const tell = useTellShort();
  const { say } = useWords();
  return hosts
    .filter((host) => subjects.some((one) => one.host.id !== host.id))
    .map((host) => {
      const verdicts = subjects.filter((one) => one.host.id !== host.id).map((one) => moveVerdict(program, one.guest.key, host.id));
      const no = verdicts.find((one) => one && !one.may);
      const because = no && !no.may ? no.because : null;
      const warning = verdicts.flatMap((one) => (one?.may ? (one.warnings ?? []) : []))[0];
      return {
        value: host.id,
        label: host.label,
        // what can be made there from here doesn't keep anyone from choosing it: the checks offer it
        refusal: because && !fixFor(because) ? tell(because) : null,
        text: because ? tell(because) : warning ? tell(warning) : say('drag.fits'),
      };
    });
}

function only(targets: readonly Option<HostId>[]): HostId | null {
  const [first, second] = targets.filter((one) => !one.refusal);
  return first && !second ? first.value : null;
}

type Checks = ReadonlyMap<GuestKey, Checked>;
const nothing: Checks = new Map();

/** Asks both hosts about each guest; again when another target, transport, place or format is chosen. `said`: for that moment, what was said before. */
function useChecks(
  subjects: readonly GuestSubject[],
  target: HostId | null,
  { transport, wishes }: { transport: Transport | null; wishes: DiskWishes },
): { checks: Checks; said: Checks } {
  const { session } = useProgram();
  const [known, setKnown] = useState({ target, checks: nothing, before: nothing });
  const keys = subjects.map((one) => one.guest.key).join('\n');
  useEffect(() => {
    if (!target || keys === '') return;
    const aborter = new AbortController();
    setKnown((was) => ({ target, checks: nothing, before: was.target !== target ? nothing : saidIn(was) }));
    const tell = (key: GuestKey, checked: Checked) => {
      if (!aborter.signal.aborted) setKnown((was) => ({ ...was, checks: new Map(was.checks).set(key, checked) }));
    };
    for (const key of keys.split('\n')) {
      const at = key.indexOf('/');
      session
        .call(
          'migration.check',
          { hostId: key.slice(0, at), guestId: key.slice(at + 1), targetHostId: target, transport, ...wishes },
          aborter.signal,
        )
        .then(
          (check) => tell(key, { is: 'found', check }),
          (thrown: unknown) => tell(key, { is: 'refused', problem: problemOf(thrown) }),
        );
    }
    return () => aborter.abort();
  }, [session, keys, target, transport, wishes]);
  return { checks: known.checks, said: saidIn(known) };
}

const saidIn = ({ checks, before }: { checks: Checks; before: Checks }): Checks => (checks.size > 0 ? checks : before);

/** Why the button can't be pressed; null: it can. */
function hindranceText(
  checks: Checks,
  { chosen, first, how }: { chosen: HostId | null; first: GuestSubject; how: WayToGo },
  say: Words['say'],
  tell: (why: Problem) => string,
): string | null {
  if (!chosen) return say('move.choose');
  if (!checks.has(first.guest.key)) return say('move.checking');
  for (const checked of checks.values()) {
    if (checked.is === 'refused') return tell(checked.problem);
    const bad = wayIn(checked, how)?.checks.find((one) => one.verdict === 'bad');
    if (bad) return bad.problem ? tell(bad.problem) : say('check.bad');
  }
  return null;
}
