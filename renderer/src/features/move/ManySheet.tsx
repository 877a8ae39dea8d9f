import { useState } from 'react';
import { type MoveWay, type WayToGo, type WithStop, withStops } from '../../../../electron/contract/diskTravel.ts';
import type { Guest, GuestKey } from '../../../../electron/contract/guest.ts';
import type { HostId } from '../../../../electron/contract/host.ts';
import type { TypedForStep } from '../../../../electron/contract/plan.ts';
import { type Move, verdictOf } from '../../../../electron/contract/planning.ts';
import { type Problem, problemOf, type Verdict } from '../../../../electron/contract/problem.ts';
import type { GuestSubject } from '../../actions/action.ts';
import { type Program, useHost, useHosts, useProgram } from '../../state/program.ts';
import { openPlan } from '../../state/ui.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { Check, type Option, Select } from '../../ui/Field.tsx';
import { ProblemView } from '../../ui/ProblemView.tsx';
import { useWords } from '../../words/speak.tsx';
import { useSubjects } from '../guests/useSubjects.ts';
import { verdictText } from '../rack/useDragging.ts';
import { fleetOf, type JudgedGuest, moveVerdict, moveVerdicts } from '../rack/verdicts.ts';
import { LimitField } from './LimitField.tsx';
import { copiesDisks, limitFault, limitOf, noLimit, slowestLine } from './limit.ts';
import styles from './ManySheet.module.css';
import { wayIn } from './MoveHow.tsx';
import { StandingText } from './StandingText.tsx';
import { type Standing, standingOf } from './standing.ts';
import { TypeName } from './TypeName.tsx';
import { checkKey, useMoveChecks } from './useMoveChecks.ts';

/** Names what moving several guests will do, each with its verdict, with one button: it makes a plan of it and begins. */
export function ManySheet({
  keys,
  targetHostId,
  onClose,
}: {
  keys: readonly GuestKey[];
  targetHostId: HostId | null;
  onClose: () => void;
}) {
  const program = useProgram();
  const { say, format } = useWords();
  const subjects = useSubjects(keys);
  const targets = useTargets(program, subjects);
  const [chosen, setChosen] = useState<HostId | null>(targetHostId);
  const [out, setOut] = useState<ReadonlySet<GuestKey>>(new Set());
  const [stopping, setStopping] = useState<ReadonlyMap<GuestKey, WithStop>>(new Map());
  const [refused, setRefused] = useState<Problem | null>(null);
  const [limit, setLimit] = useState(noLimit);
  const [typed, setTyped] = useState<Record<GuestKey, string>>({});
  const [busy, setBusy] = useState(false);
  // a stop is agreed to for what one host says, and no other one with it: another host may take it as it runs
  const choose = (hostId: HostId) => {
    if (hostId !== chosen) setStopping(new Map());
    setChosen(hostId);
  };
  const target = useHost(chosen);
  const rows = useRows(program, subjects, chosen, { out, stopping });
  const going = rows.filter((one) => one.standing?.is === 'fits' || one.standing?.is === 'asking');
  const memoryMiB = going.reduce((sum, one) => sum + (one.guest.state === 'halted' ? 0 : one.guest.memoryMiB), 0);
  const unsure = going.flatMap(({ guest, standing }) => {
    const hosts = notAskedIn(standing);
    return hosts.length > 0 ? [{ guest, hosts }] : [];
  });
  const ways = going.flatMap((one) => one.way ?? []);
  const bytesPerS = slowestLine(ways);
  const copies = ways.some(copiesDisks);
  const limitMiBPerS = copies ? limitOf(limit, bytesPerS) : null;
  const limitBad = copies ? limitFault(limit, bytesPerS) : null;
  const untyped = unsure.find(({ guest }) => typed[guest.key] !== guest.name)?.guest;
  const hindrance = !chosen
    ? say('move.choose')
    : going.length === 0
      ? say('many.none')
      : untyped
        ? say('common.typeName', { name: untyped.name })
        : limitBad && say(limitBad);
  const start = () => {
    if (!chosen || hindrance || limitMiBPerS === 'bad') return;
    setBusy(true);
    const steps = going.map(({ guest: { hostId, guestId }, how }) => ({ hostId, guestId, targetHostId: chosen, how }));
    const typedNames = unsure.map(({ guest: { guestId, name }, hosts }) => ({ guestId, typedName: name, hosts }));
    begin(program, steps, { typedNames, limitMiBPerS })
      .then(onClose, (thrown: unknown) => setRefused(problemOf(thrown)))
      .finally(() => setBusy(false));
  };
  return (
    <Dialog
      title={say('move.titleMany', { count: subjects.length })}
      onClose={onClose}
      onSubmit={start}
      width="wide"
      actions={
        <Button kind="main" submit busy={busy} refusal={hindrance}>
          {say('many.go', { count: going.length })}
        </Button>
      }
    >
      <div className={styles.target}>
        <Select label={say('move.to')} value={chosen} options={targets} onChange={choose} placeholder={say('move.choose')} />
        {target?.freeMemoryMiB != null && (
          <p className={styles.note}>
            {say('rack.free', { free: format.memory(target.freeMemoryMiB) })}
            {memoryMiB > 0 && ` → ${format.memory(Math.max(0, target.freeMemoryMiB - memoryMiB))}`}
          </p>
        )}
      </div>
      <ul className={styles.list} aria-label={say('many.list')}>
        {rows.map(({ guest, from, standing, stop }) => (
          <li key={guest.key} className={styles.row}>
            <Check value={!out.has(guest.key)} onChange={(on) => setOut(toggled(out, guest.key, on))}>
              <strong>{guest.name}</strong>
            </Check>
            <span className={styles.note}>{`${from} · ${format.memory(guest.memoryMiB)} · ${say(`state.${guest.state}`)}`}</span>
            {standing ? (
              <StandingText standing={standing} />
            ) : (
              <span className={styles.note}>{out.has(guest.key) ? say('plan.skipped') : ''}</span>
            )}
            {notAskedIn(standing).length > 0 && (
              <span className={styles.stop}>
                <TypeName name={guest.name} value={typed[guest.key] ?? ''} onChange={(text) => setTyped({ ...typed, [guest.key]: text })} />
              </span>
            )}
            {stop && (
              <span className={styles.stop}>
                <Check
                  value={stopping.get(guest.key) === stop}
                  onChange={(on) => setStopping(agreedTo(stopping, guest.key, on ? stop : null))}
                >
                  {say(`many.${stop}`, { name: guest.name })}
                </Check>
              </span>
            )}
          </li>
        ))}
      </ul>
      {copies && <LimitField limit={limit} bytesPerS={bytesPerS} onChange={setLimit} />}
      <p className={styles.note}>{say('many.hint')}</p>
      {refused && <ProblemView problem={refused} />}
    </Dialog>
  );
}

/** Makes a plan of these moves, starts it, and shows it. */
async function begin(
  program: Program,
  steps: Move[],
  { typedNames, limitMiBPerS }: { typedNames: TypedForStep[]; limitMiBPerS: number | null },
): Promise<void> {
  const { planId } = await program.session.call('plan.save', { planId: null, steps });
  if (limitMiBPerS !== null) await program.session.call('plan.limit', { planId, limitMiBPerS });
  await program.session.call('plan.run', { planId, typedNames });
  program.ui.setState({ selected: [] });
  openPlan(program.ui, planId);
}

/** Hosts that could not be asked whether it runs there too. */
function notAskedIn(standing: Standing | null): string[] {
  const warnings = standing?.is === 'fits' ? standing.warnings : [];
  return warnings.flatMap((one) => (one.code === 'guard.notAsked' ? one.hosts : []));
}

function toggled(all: ReadonlySet<GuestKey>, key: GuestKey, out: boolean): ReadonlySet<GuestKey> {
  const next = new Set(all);
  if (out) next.delete(key);
  else next.add(key);
  return next;
}

function agreedTo(all: ReadonlyMap<GuestKey, WithStop>, key: GuestKey, stop: WithStop | null): ReadonlyMap<GuestKey, WithStop> {
  const next = new Map(all);
  if (stop) next.set(key, stop);
  else next.delete(key);
  return next;
}

interface Row {
  guest: Guest;
  from: string;
  /** null: left out, or no target yet. */
  standing: Standing | null;
  how: WayToGo;
  /** It can't go the way that is meant, and can with this stop; or that is chosen. */
  stop: WithStop | null;
  /** As the hosts told of the way it goes; null: not yet, or it does not go. */
  way: MoveWay | null;
}

/** Those that go, in the order in which they would; then those left out. */
function useRows(
  program: Program,
  subjects: readonly GuestSubject[],
  chosen: HostId | null,
  { out, stopping }: { out: ReadonlySet<GuestKey>; stopping: ReadonlyMap<GuestKey, WithStop> },
): Row[] {
  const taken = subjects.map((one) => one.guest.key).filter((key) => !out.has(key));
  const judged = chosen ? moveVerdicts(program, taken, chosen, stopping) : [];
  const checks = useMoveChecks(judged.filter((one) => one.verdict.may).map((one) => one.move));
  const fleet = fleetOf(program);
  const stopOf = ({ guest, move }: JudgedGuest): WithStop | null => {
    const may = (how: WithStop) => standingOf(verdictOf(fleet, { ...move, how }), checks.get(checkKey(move)), how).is !== 'refused';
    return guest.state === 'halted' ? null : (withStops.find(may) ?? null);
  };
  const labelOf = (guest: Guest) => subjects.find((one) => one.guest.key === guest.key)?.host.label ?? '';
  const there: Verdict = { may: false, because: { code: 'move.sameHost', effect: 'none' } };
  const others = subjects.filter((one) => !judged.some((other) => other.guest.key === one.guest.key));
  return [
    ...judged.map((one): Row => {
      const { guest, move, verdict } = one;
      const checked = checks.get(checkKey(move));
      const agreed = stopping.get(guest.key) ?? null;
      const how = agreed ?? 'straight';
      const standing = standingOf(verdict, checked, how);
      const stop = (standing.is === 'refused' && stopOf(one)) || agreed;
      return { guest, from: labelOf(guest), standing, how, stop, way: wayIn(checked, how) };
    }),
    ...others.map(({ guest }): Row => {
      const standing = guest.hostId === chosen && !out.has(guest.key) ? standingOf(there, undefined) : null;
      return { guest, from: labelOf(guest), standing, how: 'straight', stop: null, way: null };
    }),
  ];
}

/** Hosts to which at least one of them may go, with a stop if need be, and what each says of them together. */
function useTargets(program: Program, subjects: readonly GuestSubject[]): Option<HostId>[] {
  const words = useWords();
  const hosts = useHosts();
  const keys = subjects.map((one) => one.guest.key);
  return hosts.map((host) => {
    const text = verdictText(program, words, keys, host.id);
    const someMay = keys.some((key) => moveVerdict(program, key, host.id)?.may);
    return { value: host.id, label: host.label, text, refusal: someMay ? null : text };
  });
}
