import { type FileFormat, fileFormat } from '../contract/diskTravel.ts';
import type { Guest } from '../contract/guest.ts';
import { type Asked, ofDisks } from './arguments.ts';
import { refuse } from './refusal.ts';

/** Where a guest's disks are to stand after a move, and as what: `--place` and `--format`. */
export function diskWishesOf(
  asked: Pick<Asked, 'values'>,
  guest: Pick<Guest, 'live' | 'config'>,
): { places: Record<string, string>; formats: Record<string, FileFormat> } {
  const vdevs = ((guest.live ?? guest.config?.shape)?.disks ?? []).map((disk) => disk.vdev);
  const formats = [...ofDisks(asked, 'format', vdevs)].map(([vdev, value]) => [vdev, formatNamed(value)] as const);
  const places = [...ofDisks(asked, 'place', vdevs)].map(([vdev, value]) => [vdev, placeNamed(value)] as const);
  return { places: Object.fromEntries(places), formats: Object.fromEntries(formats) };
}

function formatNamed(value: string): FileFormat {
  const { options } = fileFormat;
  return options.find((one) => one === value) ?? refuse('notOneOf', { option: '--format', value, words: options.join(', ') });
}

/** A folder by its path, a volume group by its name; or as `placeId` says it. */
function placeNamed(value: string): string {
  if (/^(dir|vg):/.test(value)) return value;
  return value.startsWith('/') ? `dir:${value}` : `vg:${value}`;
}
