import { Button, TooltipTrigger } from 'react-aria-components';
import type { Host } from '../../../../electron/contract/host.ts';
import { useProgram, useSpare } from '../../state/program.ts';
import { choose } from '../../state/ui.ts';
import { Lamp } from '../../ui/Lamp.tsx';
import { Tip } from '../../ui/Tip.tsx';
import { useWords } from '../../words/speak.tsx';
import styles from './Spare.module.css';
import { spareShape, tellLeftOut, tellSpare, tellSpareShort } from './tellSpare.ts';

/** Reasons that a tip has room for; the inspector says all. */
const IN_TIP = 4;

/** On a faceplate: if this host fails, do its guests fit elsewhere? The lamp, alone or with a few words; the tip says what is short. */
export function SpareMark({ host, bare }: { host: Host; bare: boolean }) {
  const { ui } = useProgram();
  const words = useWords();
  const spare = useSpare(host.id);
  if (!spare || !host.facts) return null;
  const short = tellSpareShort(spare, words);
  const left = spare.is === 'short' ? spare.left.slice(0, IN_TIP) : [];
  return (
    <TooltipTrigger delay={350} closeDelay={0}>
      <Button
        className={`${styles.mark} ${bare ? styles.bare : ''}`}
        {...(bare ? { 'aria-label': short } : {})}
        onPress={() => choose(ui, { is: 'host', id: host.id })}
      >
        <Lamp shape={spareShape(spare)} />
        {!bare && <span className={styles.text}>{short}</span>}
      </Button>
      <Tip below>
        {words.say('spare.title')}
        <br />
        {tellSpare(spare, words)}
        {left.map((one) => (
          <span key={one.key} className={styles.line}>
            {tellLeftOut(one, words)}
          </span>
        ))}
      </Tip>
    </TooltipTrigger>
  );
}
