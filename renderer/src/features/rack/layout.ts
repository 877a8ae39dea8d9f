/** What is laid out in a bay: lengths are to the scale of its memory, as far as blocks stay readable. */
export interface BayInput {
  bayPx: number;
  totalMiB: number;
  dom0MiB: number;
  blocks: readonly { key: string; memoryMiB: number }[];
}

/** Blocks that stand above each other, as wide as all of them together (or as one can read). */
export interface Column {
  px: number;
  keys: string[];
}

export interface BayLayout {
  dom0Px: number;
  columns: Column[];
  freePx: number;
}

/** Shorter than this a name can't be read, nor a block held. */
export const MIN_PX = 92;
const DOM0_MIN_PX = 40;
/** Blocks that may stand above each other. */
const MOST_STACKED = 3;

/** Lays out a bay. Large blocks to scale; small ones stacked (the smallest always), so that their area stays near the truth. */
export function layBay({ bayPx, totalMiB, dom0MiB, blocks }: BayInput): BayLayout {
  const scale = totalMiB > 0 ? bayPx / totalMiB : 0;
  const dom0Px = Math.min(Math.max(DOM0_MIN_PX, dom0MiB * scale), bayPx / 2);
  const room = Math.max(0, bayPx - dom0Px);
  for (let stacked = 1; ; stacked++) {
    const columns = stack(blocks, scale, stacked);
    const used = columns.reduce((sum, one) => sum + one.px, 0);
    if (used <= room) return { dom0Px, columns, freePx: room - used };
    if (stacked === MOST_STACKED) return { dom0Px, columns: squeeze(columns, room), freePx: 0 };
  }
}

function stack(blocks: BayInput['blocks'], scale: number, most: number): Column[] {
  const columns: Column[] = [];
  let open: (Column & { trueIn: number }) | null = null;
  for (const { key, memoryMiB } of blocks) {
    const px = memoryMiB * scale;
    if (px >= MIN_PX) {
      columns.push({ px, keys: [key] });
      continue;
    }
    const lightest = px < MIN_PX / 2 ? Math.max(2, most) : most;
    if (open && open.keys.length < lightest) {
      open.keys.push(key);
      open.trueIn += px;
      open.px = Math.max(MIN_PX, open.trueIn);
      continue;
    }
    open = { px: MIN_PX, keys: [key], trueIn: px };
    columns.push(open);
  }
  return columns.map(({ px, keys }) => ({ px, keys }));
}

/** Too many to be readable at all: what is above the minimum gives first, then everyone alike. */
function squeeze(columns: Column[], room: number): Column[] {
  const used = columns.reduce((sum, one) => sum + one.px, 0);
  const spare = columns.reduce((sum, one) => sum + Math.max(0, one.px - MIN_PX), 0);
  const over = used - room;
  if (spare >= over) return columns.map((one) => ({ ...one, px: one.px - (Math.max(0, one.px - MIN_PX) / spare) * over }));
  const each = columns.length > 0 ? room / columns.length : 0;
  return columns.map((one) => ({ ...one, px: each }));
}

/** Border and padding of a strip's body. */
const SIDE_PX = 2 + 24;
/** A bay shorter than this shows nothing that can be read. */
const LEAST_BAY_PX = 112;
/** How much wider than the window the rack may become for the sake of its smallest host. */
const WIDEST = 2.2;

/** The one scale of all bays (px for a MiB), the width of faceplates and of a strip, in a rack this wide. */
export function rackScale(
  width: number,
  hosts: readonly { facts: { totalMemoryMiB: number } | null }[],
): { plate: number; scale: number; strip: number } {
  const sizes = hosts.flatMap((one) => (one.facts && one.facts.totalMemoryMiB > 0 ? [one.facts.totalMemoryMiB] : []));
  const plate = width < 700 ? 172 : 232;
  if (sizes.length === 0) return { plate, scale: 0, strip: 0 };
  const most = Math.max(...sizes);
  const fit = Math.max(160, width - plate - SIDE_PX) / most;
  const scale = Math.min(Math.max(fit, LEAST_BAY_PX / Math.min(...sizes)), fit * WIDEST);
  return { plate, scale, strip: Math.floor(plate + SIDE_PX + most * scale) };
}

/** A round amount of memory whose length is easy to compare with, for the rack's ruler. */
export function rulerMiB(scale: number): number {
  let size = 64;
  while (size * scale < 64 && size < 64 * 1024 * 1024) size *= 2;
  return size;
}
