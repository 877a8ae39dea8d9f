import type { Evidence, Finding } from '../../../../electron/contract/doctor.ts';
import type { HostId } from '../../../../electron/contract/host.ts';
import type { Words } from '../../words/speak.tsx';

/** A finding in plain words. Facts come from the engine; here they get their sentences. */
export interface Told {
  title: string;
  alive: string | null;
  why: string[];
  /** What its button does; or why there is none. */
  will: string;
  button: string | null;
}

type LabelOf = (id: HostId) => string;

export function tellFinding(found: Finding, words: Words, labelOf: LabelOf): Told {
  const { say } = words;
  const host = labelOf(found.hostId);
  return {
    title: say(`doctor.kind.${found.kind}`, { name: found.guest?.name ?? '', host }),
    alive: aliveOf(found, words, labelOf),
    why: found.because.map((fact) => tellEvidence(fact, words, labelOf)),
    will: found.action ? tellAction(found, words, labelOf) : tellNone(found, words, labelOf),
    button: found.action ? say(`doctor.do.${found.action.is}`) : null,
  };
}

const aboutCopies = ['twice', 'incoming', 'migratedAway', 'suspended', 'pausedBeside', 'nowhere'];

/** null: it is about no copy of a guest. */
function aliveOf({ alive, kind, none }: Finding, { say }: Words, labelOf: LabelOf): string | null {
  if (alive) return say('doctor.aliveAt', { host: labelOf(alive.hostId), name: alive.name });
  if (!aboutCopies.includes(kind)) return null;
  return say(none?.is === 'notAsked' || none?.is === 'bothAlive' || none?.is === 'moving' ? 'doctor.aliveUnknown' : 'doctor.aliveNone');
}

function tellEvidence(fact: Evidence, { say, format }: Words, labelOf: LabelOf): string {
  const list = (ids: readonly HostId[]) => format.list(ids.map(labelOf));
  const joined = (...those: (string | false)[]) => those.filter(Boolean).join(' · ');
  switch (fact.is) {
    case 'copy': {
      const { copy } = fact;
      const seconds = format.number(copy.seconds, copy.seconds < 10 ? 1 : 0);
      return say(`doctor.copy.${fact.as}`, { host: labelOf(copy.hostId), name: copy.name, state: copy.state, seconds });
    }
    case 'noCopy':
    case 'noConfig':
      return say(`doctor.because.${fact.is}`, { hosts: list(fact.hostIds) });
    case 'noMover':
      return say('doctor.because.noMover', { host: labelOf(fact.hostId) });
    case 'config':
      return joined(
        say('doctor.because.config', { host: labelOf(fact.hostId), file: fact.file }),
        fact.autostart && say('doctor.because.autostart'),
        !fact.same && say('doctor.because.differs'),
      );
    case 'job':
      return joined(
        say(`doctor.because.job.${fact.state}`, { host: labelOf(fact.hostId) }),
        fact.state !== 'new' && say(fact.committed ? 'doctor.because.committed' : 'doctor.because.notCommitted'),
        fact.rebooted && say('doctor.because.rebooted'),
      );
    case 'noJob':
      return say('doctor.because.noJob', { hosts: list(fact.hostIds) });
    case 'movedTo':
      return say('doctor.because.movedTo', { host: labelOf(fact.hostId), there: fact.label });
    case 'expired':
    case 'unheld':
      return say(`doctor.because.${fact.is}`);
  }
}

function tellAction(found: Finding, { say }: Words, labelOf: LabelOf): string {
  const { action } = found;
  const host = labelOf(found.hostId);
  if (!action) return '';
  switch (action.is) {
    case 'end': {
      const how = !found.alive ? 'endLast' : action.how === 'paused' || action.how === 'suspended' ? 'endPaused' : 'end';
      return say(`doctor.will.${how}`, { host, name: action.copy.name });
    }
    case 'unstage':
      return say(action.disks.length > 0 ? 'doctor.will.unstage' : 'doctor.will.unstageEmpty');
    case 'carryConfig':
      return say('doctor.will.carryConfig', { host: labelOf(action.toHostId), file: action.file });
    case 'putBack':
    case 'install':
    case 'unlock':
    case 'trashConfig':
      return say(`doctor.will.${action.is}`, { host, file: action.file });
    case 'resume':
    case 'shelve':
    case 'setAside':
    case 'untrace':
    case 'dropLocks':
    case 'forget':
      return say(`doctor.will.${action.is}`, { host });
  }
}

function tellNone({ none }: Finding, { say, format }: Words, labelOf: LabelOf): string {
  if (!none) return '';
  if (none.is !== 'notAsked') return say(`doctor.none.${none.is}`);
  return say('doctor.none.notAsked', { hosts: format.list([...none.hostIds.map(labelOf), ...none.others]) });
}
