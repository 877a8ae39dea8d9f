import { useEffect, useMemo, useState } from 'react';
import { useStore } from 'zustand';
import type { GuestKey } from '../../../../electron/contract/guest.ts';
import type { HostId } from '../../../../electron/contract/host.ts';
import { freeOf, type Move, orderMoves } from '../../../../electron/contract/planning.ts';
import { type Problem, problemOf } from '../../../../electron/contract/problem.ts';
import { hostsInOrder, type Program, ProgramContext, useProgram, useUi } from '../../state/program.ts';
import { openPlan } from '../../state/ui.ts';
import { announce } from '../../ui/announce.ts';
import { Button } from '../../ui/Button.tsx';
import { ProblemView, useTellShort } from '../../ui/ProblemView.tsx';
import { tellProblem } from '../../words/problems/tell.ts';
import { useWords } from '../../words/speak.tsx';
import { RackView } from '../rack/RackView.tsx';
import type { Drop } from '../rack/useDragging.ts';
import { dropVerdicts, fleetOf } from '../rack/verdicts.ts';
import { createBoard, placed, standingMoves } from './boardProgram.ts';
import styles from './Plans.module.css';

/** A copy of the rack: blocks are moved about, memory and spare capacity follow, nothing happens. Then it becomes a plan, or goes. */
export function BoardView() {
  const program = useProgram();
  const { say } = useWords();
  const [told, setTold] = useState<string | null>(null);
  const [refused, setRefused] = useState<Problem | null>(null);
  const board = useMemo(() => createBoard(program), [program]);
  useEffect(() => () => board.close(), [board]);
  const drop = useDrop(program, board.program, setTold);
  const whatIf = useMemo(() => ({ drop, isMarked: board.isMarked }), [drop, board]);
  return (
    <div className={styles.board}>
      <BoardBar program={program} board={board.program} told={setTold} refused={setRefused} />
      {refused && <ProblemView problem={refused} />}
      {told && <p className={styles.warned}>{told}</p>}
      <section className={styles.copy} aria-label={say('board.title')}>
        <ProgramContext value={board.program}>
          <RackView whatIf={whatIf} />
        </ProgramContext>
      </section>
    </div>
  );
}

/** Puts what may stand there; what may not is told with its reason and stays. Home it may always go. */
function useDrop(real: Program, board: Program, told: (text: string | null) => void): Drop {
  const words = useWords();
  const tell = useTellShort();
  return useMemo(
    () => (keys: readonly GuestKey[], onto: HostId) => {
      const label = board.mirror.hosts.getState().byId.get(onto)?.label ?? '';
      const moves = real.ui.getState().board;
      const dropped = dropVerdicts(board, keys, onto).map((one) => {
        const { name } = one.guest;
        if (!one.verdict.may) {
          const text = words.say('board.refused', { name, host: label, why: tell(one.verdict.because) });
          return { ...one, plain: false, text };
        }
        const how = one.move.how ?? 'straight';
        const [why] = how === 'straight' ? [] : (one.verdict.warnings ?? []);
        const text =
          why && how !== 'straight'
            ? words.say(`board.placed.${how}`, { name, host: label, why: tellProblem(why, words).what })
            : words.say('board.placed', { name, host: label });
        return { ...one, plain: !why, text };
      });
      board.ui.setState({ selected: [] });
      real.ui.setState({ board: dropped.filter((one) => one.verdict.may).reduce((so, one) => placed(so, one.move), moves) });
      told(dropped.flatMap((one) => (one.plain ? [] : one.text)).join(' ') || null);
      announce(dropped.map((one) => one.text).join(' '));
    },
    [real, board, words, tell, told],
  );
}

/** What becomes of free memory, host by host, where it changes. */
function MemoryChanges({ real, board }: { real: Program; board: Program }) {
  const { say, format } = useWords();
  const now = useStore(real.mirror.hosts);
  const thought = useStore(board.mirror.hosts);
  const changes = hostsInOrder(now).flatMap((host) => {
    const after = thought.byId.get(host.id);
    if (!after || freeOf(after) === freeOf(host)) return [];
    return [say('board.memory', { host: host.label, now: format.memory(freeOf(host)), after: format.memory(Math.max(0, freeOf(after))) })];
  });
  return changes.length > 0 ? <p>{changes.join(' · ')}</p> : null;
}

/** Again whenever a guest comes or goes. */
function useStanding(program: Program, tried: readonly Move[]): Move[] {
  const guests = useStore(program.mirror.guests);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the fleet is what these say
  return useMemo(() => standingMoves(fleetOf(program), tried), [program, tried, guests]);
}

interface BarProps {
  program: Program;
  board: Program;
  told: (text: string | null) => void;
  refused: (why: Problem | null) => void;
}

function BoardBar({ program, board, told, refused }: BarProps) {
  const { say } = useWords();
  const { ui } = program;
  const tried = useUi((now) => now.board);
  // whose guest went meanwhile is not on the board any more
  const moves = useStanding(program, tried);
  const [busy, setBusy] = useState(false);
  const none = moves.length === 0 ? say('board.noMoves') : null;
  const undo = () => {
    const last = moves.at(-1);
    const name = last && program.mirror.guests.getState().byId.get(`${last.hostId}/${last.guestId}`)?.name;
    ui.setState({ board: tried.filter((one) => one !== last) });
    told(null);
    announce(say('board.undone', { name: name ?? '' }));
  };
  const throwAway = () => {
    ui.setState({ board: [] });
    told(null);
    announce(say('board.thrownAway'));
  };
  const carryOut = () => {
    setBusy(true);
    const steps = orderMoves(fleetOf(program), moves);
    program.session.call('plan.save', { planId: null, steps }).then(
      ({ planId }) => {
        ui.setState({ board: [] });
        openPlan(ui, planId);
      },
      (thrown: unknown) => {
        refused(problemOf(thrown));
        setBusy(false);
      },
    );
  };
  return (
    <header className={styles.boardBar}>
      <Button kind="quiet" size="small" onPress={() => ui.setState({ plan: { is: 'all' } })}>
        {`← ${say('plan.list')}`}
      </Button>
      <div className={styles.boardText}>
        <h2>{say('board.title')}</h2>
        <p className={styles.note}>
          {say('board.text')} {moves.length > 0 ? say('board.moves', { count: moves.length }) : say('board.noMoves')}
        </p>
        <MemoryChanges real={program} board={board} />
      </div>
      <span className={styles.buttons}>
        <Button size="small" icon="reboot" refusal={none} onPress={undo}>
          {say('board.undo')}
        </Button>
        <Button size="small" icon="trash" refusal={none} onPress={throwAway}>
          {say('board.throwAway')}
        </Button>
        <Button size="small" kind="main" icon="plans" refusal={none} busy={busy} onPress={carryOut}>
          {say('board.carryOut')}
        </Button>
      </span>
    </header>
  );
}
