import { useEffect, useRef } from 'react';
import { useProgram } from '../../state/program.ts';
import { useWords } from '../../words/speak.tsx';

/** CPU now, written straight into the page: a tick renders nothing. */
export function CpuText({ figuresKey }: { figuresKey: string }) {
  const place = useRef<HTMLSpanElement>(null);
  const { figures } = useProgram().mirror;
  const { format } = useWords();
  useEffect(() => {
    const write = () => {
      const now = figures.latest(figuresKey);
      if (place.current) place.current.textContent = now ? format.percent(now.cpuPercent) : '';
    };
    write();
    return figures.watch(figuresKey, write);
  }, [figures, figuresKey, format]);
  return <span ref={place} />;
}
