import { useEffect, useState } from 'react';
import type { Host } from '../../../../electron/contract/host.ts';
import { hostEntries } from '../../actions/entries.ts';
import { useProgram, useUi } from '../../state/program.ts';
import { choose } from '../../state/ui.ts';
import { Button } from '../../ui/Button.tsx';
import { Lamp, type LampShape } from '../../ui/Lamp.tsx';
import { MenuButton } from '../../ui/Menu.tsx';
import { useTellShort } from '../../ui/ProblemView.tsx';
import { tellProblem } from '../../words/problems/tell.ts';
import { useWords } from '../../words/speak.tsx';
import { SpareMark } from '../spare/SpareMark.tsx';
import styles from './Faceplate.module.css';
import { LoadText } from './LoadText.tsx';
import { useRack } from './rackContext.ts';

/** The left of a strip: name, lamp, version, load, and whether the others could take over. */
export function Faceplate({ host, thin }: { host: Host; thin: boolean }) {
  const program = useProgram();
  const words = useWords();
  const { say } = words;
  const tell = useTellShort();
  const chosen = useUi((ui) => ui.chosen?.is === 'host' && ui.chosen.id === host.id);
  const open = host.link.is === 'open';
  const { whatIf } = useRack();
  return (
    <div className={`${styles.plate} ${chosen ? styles.chosen : ''}`}>
      <div className={styles.head}>
        <Lamp shape={lampOf(host)} />
        <button type="button" className={styles.name} aria-pressed={chosen} onClick={() => choose(program.ui, { is: 'host', id: host.id })}>
          {host.label}
        </button>
        {(thin || !open) && <SpareMark bare host={host} />}
        {!whatIf && (
          <MenuButton label={say('rack.menu', { label: host.label })} entries={hostEntries(program, host, words, tell)}>
            <Button kind="quiet" size="small" icon="more" label={say('rack.menu', { label: host.label })} />
          </MenuButton>
        )}
      </div>
      {open ? (
        <>
          <p className={styles.line}>
            {host.facts && <span>Xen {host.facts.xenVersion}</span>}
            {host.facts && <LoadText host={host} />}
          </p>
          {!thin && <SpareMark bare={false} host={host} />}
          <Attention host={host} />
        </>
      ) : (
        <LinkLine host={host} thin={thin} />
      )}
    </div>
  );
}

function lampOf(host: Host): LampShape {
  switch (host.link.is) {
    case 'open':
      return host.findings.some((one) => one.hinders === 'everything') ? 'alarm' : 'linked';
    case 'opening':
      return 'linking';
    case 'lost':
      return 'alarm';
    case 'closed':
      return 'unlinked';
  }
}

/** A link that isn't open: its state, the age of what is seen, and why. */
function LinkLine({ host, thin }: { host: Host; thin: boolean }) {
  const words = useWords();
  const { say, format } = words;
  const now = useSeconds();
  const link = host.link;
  const state = link.is === 'opening' && link.attempt > 1 ? say('link.openingAgain', { attempt: link.attempt }) : say(`link.${link.is}`);
  const age = host.seenAt !== null && say('link.seen', { ago: format.ago(now - host.seenAt) });
  return (
    <>
      <p className={link.is === 'lost' ? styles.alarm : styles.line}>
        <span>{state}</span>
        {age && <span className={styles.age}>{age}</span>}
      </p>
      {!thin && link.is === 'lost' && (
        <p className={styles.why} title={tellProblem(link.problem, words).next}>
          {tellProblem(link.problem, words).what}
        </p>
      )}
    </>
  );
}

function useSeconds(): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

/** What the examination or the watch found: shown once, here; the host's report says the rest. */
function Attention({ host }: { host: Host }) {
  const program = useProgram();
  const words = useWords();
  const stopper = host.findings.find((one) => one.hinders === 'everything' || one.hinders === 'changing');
  const why = stopper?.problem ?? host.watchProblem;
  if (!why) return null;
  return (
    <button type="button" className={styles.attention} onClick={() => choose(program.ui, { is: 'host', id: host.id })}>
      {tellProblem(why, words).what}
    </button>
  );
}
