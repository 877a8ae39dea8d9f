import type { MoveWay } from '../../../../electron/contract/diskTravel.ts';
import { type Transport, type TransportChoice, transport as transports } from '../../../../electron/contract/transport.ts';
import { type Option, Select } from '../../ui/Field.tsx';
import { useTellShort } from '../../ui/ProblemView.tsx';
import { useWords } from '../../words/speak.tsx';
import styles from './MoveSheet.module.css';

/** How what goes gets to the new host. `wanted` null: the best that goes, as the hosts said. `memory`: it goes too. */
export function TransportField({
  way,
  memory,
  wanted,
  onChoose,
}: {
  way: MoveWay | null;
  memory: boolean;
  wanted: Transport | null;
  onChoose: (one: Transport) => void;
}) {
  const { say, format } = useWords();
  const tell = useTellShort();
  if (!way || way.transports.length === 0) return null;
  const speedOf = ({ bytesPerS, seconds }: TransportChoice): string | null => {
    if (bytesPerS === null) return null;
    const rate = format.rate(bytesPerS);
    if (seconds === null) return rate; // nothing of it is carried but the config
    return say(memory ? 'move.speed' : 'move.speedDisks', { rate, duration: format.duration(seconds * 1000) });
  };
  const options = transports.options.map((is): Option<Transport> => {
    const one = way.transports.find((other) => other.is === is);
    return {
      value: is,
      label: say(`transport.${is}`),
      text: (one && speedOf(one)) ?? say(`transport.${is}Text`),
      refusal: one?.problem ? tell(one.problem) : null,
    };
  });
  return (
    <div className={styles.ping}>
      <Select
        label={say('transport.label')}
        value={wanted ?? way.transport}
        options={options}
        onChange={onChoose}
        placeholder={say('transport.none')}
      />
    </div>
  );
}
