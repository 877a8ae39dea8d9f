import { useEffect, useRef } from 'react';
import { useGuest, useGuests, useProgram } from '../../state/program.ts';
import { Lamp } from '../../ui/Lamp.tsx';
import { useWords } from '../../words/speak.tsx';
import styles from './Ghost.module.css';
import { useCarried } from './useDragging.ts';

/** The block in the hand, beneath the pointer. It follows without a render. */
export function Ghost() {
  const { drags } = useProgram();
  const keys = useCarried();
  const guest = useGuest(keys?.[0] ?? null);
  const memoryMiB = useGuests((all) => [(keys ?? []).reduce((sum, key) => sum + (all.byId.get(key)?.memoryMiB ?? 0), 0)])[0] ?? 0;
  const place = useRef<HTMLDivElement>(null);
  const { say, format } = useWords();
  const carried = guest !== undefined;
  useEffect(() => {
    if (!carried) return;
    const follow = () => {
      const { drag } = drags.store.getState();
      if (!place.current) return;
      const shown = drag.is === 'carried' && drag.by === 'pointer';
      place.current.hidden = !shown;
      if (shown) place.current.style.transform = `translate(${drag.at.x + 10}px, ${drag.at.y + 8}px)`;
    };
    follow();
    return drags.store.subscribe(follow);
  }, [drags, carried]);
  if (!guest) return null;
  return (
    <div ref={place} className={styles.ghost} hidden>
      <Lamp shape={guest.state} />
      <strong>{guest.name}</strong>
      {keys && keys.length > 1 && <span>{say('drag.andMore', { count: keys.length - 1 })}</span>}
      <span>{format.memory(memoryMiB)}</span>
    </div>
  );
}
