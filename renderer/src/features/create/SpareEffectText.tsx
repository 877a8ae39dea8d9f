import type { Host, HostId } from '../../../../electron/contract/host.ts';
import { Lamp, type LampShape } from '../../ui/Lamp.tsx';
import { useWords } from '../../words/speak.tsx';
import styles from './CreateGuest.module.css';
import type { SpareEffect } from './spareEffect.ts';

const shapes: Record<SpareEffect['is'], LampShape> = { kept: 'spareYes', lost: 'spareNo', wasShort: 'spareNo', alone: 'spareUnknown' };

/** On a card of a server: whether all would still fit elsewhere if a server failed, now and with the new guest on it. */
export function SpareEffectText({ effect, hosts }: { effect: SpareEffect | null; hosts: readonly Host[] }) {
  const { say, format } = useWords();
  if (!effect) return null;
  const labels = (ids: readonly HostId[]) => {
    const names = hosts.filter((one) => ids.includes(one.id)).map((one) => one.label);
    const [only] = names;
    if (names.length === 1 && only !== undefined) return only;
    if (names.length <= 3) return say('create.spareAny', { hosts: format.list(names) });
    return say('create.spareAnyMore', { hosts: format.list(names.slice(0, 3)), more: names.length - 3 });
  };
  const text = 'hosts' in effect ? say(`create.spare.${effect.is}`, { hosts: labels(effect.hosts) }) : say(`create.spare.${effect.is}`);
  return (
    <span className={styles.spare}>
      <Lamp shape={shapes[effect.is]} />
      <span>{text}</span>
    </span>
  );
}
