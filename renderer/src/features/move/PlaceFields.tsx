import { useRef } from 'react';
import type { DiskTravel, MoveWay } from '../../../../electron/contract/diskTravel.ts';
import type { Host } from '../../../../electron/contract/host.ts';
import { useHosts } from '../../state/program.ts';
import { Select } from '../../ui/Field.tsx';
import { useWords } from '../../words/speak.tsx';
import { placesOf } from '../create/values.ts';
import styles from './MoveSheet.module.css';

type Copied = Extract<DiskTravel, { travels: 'copied' }>;

/** `placeId` by vdev, where the operator chose one. */
export type Places = Readonly<Record<string, string>>;

/** Where each copied disk is to stand at the target: as a file or as a volume, whatever it is now. */
export function PlaceFields({
  way,
  target,
  places,
  onChange,
}: {
  way: MoveWay | null;
  target: Host;
  places: Places;
  onChange: (places: Places) => void;
}) {
  const { say, format } = useWords();
  const hosts = useHosts();
  // while the hosts are asked anew, and where they refuse a place, what they said last stays: another one can be chosen
  const last = useRef<ReadonlyMap<string, Copied>>(new Map());
  const said = way?.disks ?? [];
  last.current = new Map([...last.current, ...said.flatMap((one) => (one.travels === 'copied' ? [[one.vdev, one] as const] : []))]);
  const copied = [...last.current.values()];
  const options = placesOf(target, hosts).map(({ id, place, shared }) => ({
    value: id,
    label: place.is === 'directory' ? place.path : say('create.placeGroup', { name: place.name }),
    text: say(shared ? 'create.placeShared' : 'create.placeLocal', { free: format.memory(place.freeMiB) }),
  }));
  if (copied.length === 0) return null;
  return (
    <>
      {copied.map((one) => (
        <div key={one.vdev} className={styles.ping}>
          <Select
            label={say('move.place', { vdev: one.vdev, size: format.memory(one.sizeMiB) })}
            value={places[one.vdev] ?? one.place}
            options={options}
            onChange={(place) => onChange({ ...places, [one.vdev]: place })}
            placeholder={one.to}
          />
        </div>
      ))}
    </>
  );
}
