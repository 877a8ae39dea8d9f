import { useRef } from 'react';
import { type Transport, type TransportChoice, transport as transports } from '../../../../electron/contract/transport.ts';
import { type Option, Select } from '../../ui/Field.tsx';
import { useTellShort } from '../../ui/ProblemView.tsx';
import { useWords } from '../../words/speak.tsx';
import type { Checked } from './MoveSheet.tsx';

/** Which way a running guest takes to its new host. `wanted` null: the best that goes, as the hosts said. */
export function TransportField({
  checked,
  wanted,
  onChoose,
}: {
  checked: Checked | undefined;
  wanted: Transport | null;
  onChoose: (one: Transport) => void;
}) {
  const { say, format } = useWords();
  const tell = useTellShort();
  const check = checked?.is === 'found' ? checked.check : null;
  // while the hosts are asked anew, what they said last stays readable
  const last = useRef<readonly TransportChoice[]>([]);
  last.current = check?.transports ?? last.current;
  const known = last.current;
  if (known.length === 0) return null;
  const speedOf = ({ bytesPerS, seconds }: TransportChoice): string | null =>
    bytesPerS === null ? null : say('move.speed', { rate: format.rate(bytesPerS), duration: format.duration((seconds ?? 1) * 1000) });
  const options = transports.options.map((is): Option<Transport> => {
    const one = known.find((other) => other.is === is);
    return {
      value: is,
      label: say(`transport.${is}`),
      text: (one && speedOf(one)) ?? say(`transport.${is}Text`),
      refusal: one?.problem ? tell(one.problem) : null,
    };
  });
  return (
    <Select
      label={say('transport.label')}
      value={wanted ?? check?.transport ?? null}
      options={options}
      onChange={onChoose}
      placeholder={say('transport.none')}
    />
  );
}
