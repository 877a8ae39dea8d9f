import { useMemo } from 'react';
import { useStore } from 'zustand';
import { type WayToGo, waysToGo } from '../../../../electron/contract/diskTravel.ts';
import type { Host, HostId } from '../../../../electron/contract/host.ts';
import { isOpen, isUnderWay, type Plan, type PlanStep } from '../../../../electron/contract/plan.ts';
import {
  afterMove,
  type Fleet,
  freeOf,
  guestOf,
  isWithStop,
  memoryOfMove,
  verdictOf,
  wentOver,
} from '../../../../electron/contract/planning.ts';
import type { Verdict } from '../../../../electron/contract/problem.ts';
import { useProgram } from '../../state/program.ts';
import { fleetOf } from '../rack/verdicts.ts';

/** A step as it stands in its plan now. */
export interface PlannedStep {
  step: PlanStep;
  /** Of a step that waits: what the rules say when its turn comes. null: it doesn't wait. */
  verdict: Verdict | null;
  /** Its guest is at its target, running or not: of this move there is nothing to change any more. */
  isOver: boolean;
  /** What they say of other targets; empty where it can't be changed. */
  targets: { host: Host; verdict: Verdict | null }[];
  /** Its guest does not run now. */
  isHalted: boolean;
  /** What they say of each way to go to this one; empty where it can't be changed. */
  ways: { how: WayToGo; verdict: Verdict }[];
}

/** The plan as it would go on from what is true now. */
export interface Planning {
  steps: PlannedStep[];
  /** Hosts that it touches, with their free memory now and at its end, MiB. */
  memory: { host: Host; now: number; after: number }[];
}

/** From this many hosts on, targets are offered without asking the rules about each: the row says it of the chosen one. */
const MANY_HOSTS = 24;

/** Plays the rest of a plan over the hosts as they are. */
export function planningOf(fleet: Fleet, plan: Plan): Planning {
  const asks = fleet.hosts.length <= MANY_HOSTS;
  let now = plan.steps.filter(isUnderWay).reduce(arrived, fleet);
  const steps = plan.steps.map((step): PlannedStep => {
    const before = now;
    const isOver = wentOver(fleet.guests, step);
    const editable = plan.state !== 'running' && isOpen(step) && !isOver;
    const others = editable ? fleet.hosts.filter((one) => one.id !== step.hostId) : [];
    const targets = others.map((host) => ({ host, verdict: asks ? verdictOf(before, { ...step, targetHostId: host.id }) : null }));
    const isHalted = guestOf(before, step)?.state === 'halted';
    const ways = editable ? waysToGo.map((how) => ({ how, verdict: verdictOf(before, { ...step, how }) })) : [];
    if (step.state.is !== 'waiting') return { step, verdict: null, isOver, targets, isHalted, ways };
    const verdict = verdictOf(now, step);
    if (verdict.may) now = afterMove(now, step);
    return { step, verdict, isOver, targets, isHalted, ways };
  });
  const touched = new Set<HostId>(
    plan.steps.flatMap((one) => (one.state.is === 'waiting' || isUnderWay(one) ? [one.hostId, one.targetHostId] : [])),
  );
  const memory = fleet.hosts
    .filter((one) => touched.has(one.id))
    .map((host) => ({ host, now: freeOf(host), after: freeOf(now.hosts.find((one) => one.id === host.id) ?? host) }));
  return { steps, memory };
}

/**
 * The fleet when a move that is under way has ended: what of it is at the target already takes nothing more; one that goes with a stop
 * may be halted just now, and will run there.
 */
function arrived(fleet: Fleet, step: PlanStep): Fleet {
  const half = fleet.guests.find(
    (one) => one.hostId === step.targetHostId && one.leftover === 'incoming' && one.name === `${step.name}--incoming`,
  );
  const guest = guestOf(fleet, step);
  const starts = isWithStop(step) && guest?.state === 'halted' ? memoryOfMove(guest, step) : 0;
  const back = (half?.memoryMiB ?? 0) - starts;
  const hosts = fleet.hosts.map((one) => (one.id === step.targetHostId ? { ...one, freeMemoryMiB: freeOf(one) + back } : one));
  return afterMove({ ...fleet, hosts }, step);
}

/** The plan over the hosts as they are, again whenever they change. */
export function usePlanning(plan: Plan): Planning {
  const program = useProgram();
  const guests = useStore(program.mirror.guests);
  const hosts = useStore(program.mirror.hosts);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the fleet is what these two say
  return useMemo(() => planningOf(fleetOf(program), plan), [program, plan, guests, hosts]);
}
