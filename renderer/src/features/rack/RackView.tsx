import { type KeyboardEvent, type MouseEvent, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { Guest, GuestKey } from '../../../../electron/contract/guest.ts';
import type { Host, HostId } from '../../../../electron/contract/host.ts';
import { guestEntries } from '../../actions/entries.ts';
import { type Program, useGuests, useHosts, useProgram, useUi } from '../../state/program.ts';
import { show } from '../../state/ui.ts';
import { MenuAt } from '../../ui/Menu.tsx';
import { useTellShort } from '../../ui/ProblemView.tsx';
import { useWords } from '../../words/speak.tsx';
import { SelectionBar } from '../guests/SelectionBar.tsx';
import { subjectsOf } from '../guests/useSubjects.ts';
import { Ghost } from './Ghost.tsx';
import { groupHosts, hostFits } from './groups.ts';
import { rackScale, rulerMiB } from './layout.ts';
import { moveFocus } from './moveFocus.ts';
import styles from './RackView.module.css';
import { type Rack, RackContext } from './rackContext.ts';
import { Strip } from './Strip.tsx';
import { selectKey } from './selectKey.ts';
import { type Drop, dragKey, type Hands, lift, loadOf, openSheet, useDragging } from './useDragging.ts';
import { guestsOn } from './verdicts.ts';

/** A rack in which nothing is real: what is dropped there, and which blocks stand where they would be. */
export interface WhatIf {
  drop: Drop;
  isMarked(key: GuestKey): boolean;
}

/** The rack: every host and guest to one scale. */
export function RackView({ whatIf = null }: { whatIf?: WhatIf | null }) {
  const program = useProgram();
  const words = useWords();
  const { say } = words;
  const hosts = useHosts();
  const filter = useUi((ui) => ui.filter);
  const place = useRef<HTMLDivElement>(null);
  const width = useWidth(place);
  const [menu, setMenu] = useState<{ guest: Guest; x: number; y: number } | null>(null);
  const drop = useMemo(() => whatIf?.drop ?? openSheet(program, words), [whatIf, program, words]);
  useDragging(drop);
  const shown = useShown(program, hosts, filter);
  const groups = useMemo(() => groupHosts(shown), [shown]);
  const order = useMemo(() => groups.flatMap((one) => one.hosts.map((host) => host.id)), [groups]);
  const { plate, scale, strip } = useMemo(() => rackScale(width, hosts), [width, hosts]);
  const thin = shown.length > 12;
  const rack = useRackOf(order, { program, words, drop }, { openMenu: setMenu, whatIf });
  return (
    <RackContext value={rack}>
      <div ref={place} className={styles.rack} style={{ '--plate': `${plate}px`, '--strip': `${strip}px` }}>
        <p id="rack-help" hidden>
          {say('rack.blockHelp')}
        </p>
        {shown.length === 0 && <p className={styles.empty}>{filter ? say('rack.noneMatch', { filter }) : say('rack.empty')}</p>}
        {scale > 0 && shown.length > 0 && <Ruler scale={scale} beside={groups.length > 1} />}
        {groups.map((group) => (
          <div key={group.tag ?? ''} className={styles.group}>
            {groups.length > 1 && <h2 className={styles.tag}>{group.tag ?? say('rack.untagged')}</h2>}
            {group.hosts.map((host) => (
              <Strip key={host.id} hostId={host.id} scale={scale} thin={thin} />
            ))}
          </div>
        ))}
        <Ghost />
        {menu && <BlockMenu guest={menu.guest} at={menu} onClose={() => setMenu(null)} />}
        {!whatIf && <Selected />}
      </div>
    </RackContext>
  );
}

/** What a length means; beside the first heading, where there are headings. */
function Ruler({ scale, beside }: { scale: number; beside: boolean }) {
  const { say, format } = useWords();
  const size = rulerMiB(scale);
  return (
    <p className={`${styles.ruler} ${beside ? styles.beside : ''}`}>
      <span className={styles.measure} style={{ width: size * scale }} />
      {say('rack.scale', { size: format.memory(size) })}
    </p>
  );
}

function useShown(program: Program, hosts: readonly Host[], filter: string): readonly Host[] {
  return useMemo(
    () =>
      filter === ''
        ? hosts
        : hosts.filter((host) => hostFits(host, filter) || guestsOn(program, host.id).some((one) => hostsMatch(one.name, filter))),
    [program, hosts, filter],
  );
}

const hostsMatch = (text: string, filter: string) => text.toLowerCase().includes(filter.trim().toLowerCase());

type OpenMenu = (menu: { guest: Guest; x: number; y: number }) => void;

function useRackOf(order: readonly HostId[], hands: Hands, more: { openMenu: OpenMenu; whatIf: WhatIf | null }): Rack {
  const { program } = hands;
  const { openMenu, whatIf } = more;
  const now = useRef({ order, hands });
  now.current = { order, hands };
  const onBlockKey = useCallback(
    (event: KeyboardEvent<HTMLElement>, guest: Guest) => {
      const taken = dragKey(now.current.hands, event.key, now.current.order) || blockKey(event, guest);
      if (taken) event.preventDefault();

      function blockKey(press: KeyboardEvent<HTMLElement>, on: Guest): boolean {
        if (selectKey(now.current.hands, press, on)) return true;
        if (press.ctrlKey || press.metaKey || press.altKey) return false;
        if (press.key === ' ') {
          lift(now.current.hands, on.key, now.current.order);
          return true;
        }
        if (!whatIf && (press.key === 'ContextMenu' || (press.key === 'F10' && press.shiftKey))) {
          const box = press.currentTarget.getBoundingClientRect();
          openMenu({ guest: on, x: box.left + 8, y: box.bottom });
          return true;
        }
        if (!whatIf && press.key === 'm') {
          show(program.ui, { is: 'move', keys: [...loadOf(program, on.key).keys], targetHostId: null });
          return true;
        }
        return moveFocus(press.currentTarget, press.key);
      }
    },
    [program, openMenu, whatIf],
  );
  return useMemo(
    () => ({
      matches: hostsMatch,
      hostMatches(hostId, filter) {
        const host = program.mirror.hosts.getState().byId.get(hostId);
        return host !== undefined && hostFits(host, filter);
      },
      isMarked: (key) => whatIf?.isMarked(key) ?? false,
      whatIf: whatIf !== null,
      onBlockKey,
      onBlockMenu(event: MouseEvent<HTMLElement>, guest: Guest) {
        event.preventDefault();
        if (!whatIf) openMenu({ guest, x: event.clientX, y: event.clientY });
      },
    }),
    [program, onBlockKey, openMenu, whatIf],
  );
}

/** What can be done to the selected blocks, at the foot of the rack. */
function Selected() {
  const { ui } = useProgram();
  const selected = useUi((now) => now.selected);
  const there = useGuests((all) => selected.filter((key) => all.byId.has(key)));
  if (there.length === 0) return null;
  return (
    <div className={styles.selected}>
      <SelectionBar keys={there} onClear={() => ui.setState({ selected: [] })} />
    </div>
  );
}

function BlockMenu({ guest, at, onClose }: { guest: Guest; at: { x: number; y: number }; onClose: () => void }) {
  const program = useProgram();
  const words = useWords();
  const tell = useTellShort();
  const entries = guestEntries(program, subjectsOf(program, loadOf(program, guest.key).keys), words, tell);
  return <MenuAt at={at} onClose={onClose} label={words.say('guest.commands', { name: guest.name })} entries={entries} />;
}

function useWidth(place: React.RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(1000);
  useEffect(() => {
    const element = place.current;
    if (!element || typeof ResizeObserver === 'undefined') return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry) setWidth(Math.floor(entry.contentRect.width));
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [place]);
  return width;
}
