import type { LeftOut, SpareCapacity } from '../../../../electron/contract/spareCapacity.ts';
import type { LampShape } from '../../ui/Lamp.tsx';
import type { Words } from '../../words/speak.tsx';

/** The lamp of a host's spare capacity. */
export function spareShape(spare: SpareCapacity): LampShape {
  switch (spare.is) {
    case 'idle':
    case 'fits':
      return 'spareYes';
    case 'short':
      return 'spareNo';
    case 'alone':
      return 'spareUnknown';
  }
}

/** In a few words, for a faceplate. */
export function tellSpareShort(spare: SpareCapacity, { say, format }: Words): string {
  switch (spare.is) {
    case 'idle':
      return say('spare.idleShort');
    case 'fits':
      return say('spare.fitsShort');
    case 'alone':
      return say('spare.aloneShort');
    case 'short': {
      const names = format.list(spare.left.slice(0, 2).map((one) => one.name));
      const more = spare.left.length - 2;
      return more > 0 ? say('spare.shortMore', { names, more }) : say('spare.shortShort', { names });
    }
  }
}

/** In a sentence. */
export function tellSpare(spare: SpareCapacity, { say, format }: Words): string {
  switch (spare.is) {
    case 'idle':
    case 'fits':
    case 'alone':
      return say(`spare.${spare.is}`);
    case 'short': {
      const count = spare.left.length;
      // of a single one, its own line says how much
      return spare.shortMiB > 0 && count > 1
        ? say('spare.shortMemory', { count, size: format.memory(spare.shortMiB) })
        : say('spare.short', { count });
    }
  }
}

/** Why one of them has no room. */
export function tellLeftOut({ name, because }: LeftOut, { say, format }: Words): string {
  switch (because.is) {
    case 'memory':
      return say('spare.noMemory', { name, size: format.memory(because.shortMiB) });
    case 'type':
      return say('spare.noType', { name, type: say(`type.${because.type}`) });
    case 'bridge':
      return say('spare.noBridge', { name, bridge: because.bridge });
    case 'devices':
      return say('spare.devices', { name });
  }
}
