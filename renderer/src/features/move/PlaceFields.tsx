import { Fragment, useRef } from 'react';
import type { DiskTravel, FileFormat, MoveWay } from '../../../../electron/contract/diskTravel.ts';
import type { Host } from '../../../../electron/contract/host.ts';
import { useHosts } from '../../state/program.ts';
import { Select } from '../../ui/Field.tsx';
import { useWords } from '../../words/speak.tsx';
import { placesOf } from '../create/values.ts';
import styles from './MoveSheet.module.css';

type Copied = Extract<DiskTravel, { travels: 'copied' }>;

/** What the operator chose for copied disks, by vdev: where they are to stand (`placeId`), and as what. */
export interface DiskWishes {
  places: Readonly<Record<string, string>>;
  formats: Readonly<Record<string, FileFormat>>;
}
export const noWishes: DiskWishes = { places: {}, formats: {} };

/** Where each copied disk is to stand at the target, as a file or as a volume, whatever it is now; and as what, where it is a file. */
export function PlaceFields({
  way,
  target,
  wishes: { places, formats },
  onChange,
}: {
  way: MoveWay | null;
  target: Host;
  wishes: DiskWishes;
  onChange: (wishes: DiskWishes) => void;
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
  const kinds = [
    { value: 'raw', label: 'raw', text: say('move.formatRaw') },
    { value: 'qcow2', label: 'qcow2', text: say('move.formatQcow2') },
  ] as const;
  const choosePlace = (vdev: string, place: string) => {
    const { [vdev]: _none, ...others } = formats;
    onChange({ places: { ...places, [vdev]: place }, formats: isFolder(place) ? formats : others });
  };
  if (copied.length === 0) return null;
  return (
    <>
      {copied.map((one) => (
        <Fragment key={one.vdev}>
          <div className={styles.ping}>
            <Select
              label={say('move.place', { vdev: one.vdev, size: format.memory(one.sizeMiB) })}
              value={places[one.vdev] ?? one.place}
              options={options}
              onChange={(place) => choosePlace(one.vdev, place)}
              placeholder={one.to}
            />
          </div>
          {becomesFile(one, places[one.vdev]) && (
            <div className={styles.ping}>
              <Select
                label={say('move.format', { vdev: one.vdev })}
                value={formats[one.vdev] ?? (one.as === 'volume' ? null : one.as)}
                options={kinds}
                onChange={(as) => onChange({ places, formats: { ...formats, [one.vdev]: as } })}
              />
            </div>
          )}
        </Fragment>
      ))}
    </>
  );
}

const isFolder = (place: string): boolean => place.startsWith('dir:');
/** By what was chosen, where something was: what the hosts said of it may still be of before. */
const becomesFile = (disk: Copied, chosen: string | undefined): boolean => (chosen === undefined ? disk.as !== 'volume' : isFolder(chosen));
