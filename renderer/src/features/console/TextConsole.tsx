import '@xterm/xterm/css/xterm.css';
import { FitAddon } from '@xterm/addon-fit';
import { UnicodeGraphemesAddon } from '@xterm/addon-unicode-graphemes';
import { Terminal } from '@xterm/xterm';
import { useEffect, useRef } from 'react';
import { type Problem, problemOf } from '../../../../electron/contract/problem.ts';
import type { Session } from '../../engine/session.ts';
import styles from './Console.module.css';
import { type JoinedConsole, joinConsole } from './joinConsole.ts';
import { giveStylesTheNonce } from './nonceShim.ts';

/** How a console stands, for the line above it. */
export type Standing = { is: 'opening' } | { is: 'joined' } | { is: 'waiting' } | { is: 'ended'; problem: Problem };

interface Props {
  session: Session;
  hostId: string;
  guestId: string;
  label: string;
  stands: (standing: Standing) => void;
  /** The operator leaves the terminal by key (Ctrl+F6): everything else belongs to the guest. */
  onLeave: () => void;
}

const RETRY_MS = 1_500;
const LINES_KEPT = 5_000;

/**
 * The text console of a guest: xterm.js over `xl console`. It stays through reboot and migration, whatever the guest is called there:
 * the engine follows it.
 */
export function TextConsole({ session, hostId, guestId, label, stands, onLeave }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const shown = useRef<Terminal | null>(null);
  const latest = useRef({ stands, onLeave, hostId, guestId, label });
  latest.current = { stands, onLeave, hostId, guestId, label };
  useEffect(() => {
    const inside = place.current;
    if (!inside) return;
    const terminal = makeTerminal(latest.current.label);
    shown.current = terminal;
    const fit = new FitAddon();
    terminal.loadAddon(fit);
    terminal.open(inside);
    fit.fit();
    terminal.attachCustomKeyEventHandler((event) => {
      if (!(event.key === 'F6' && event.ctrlKey)) return true;
      if (event.type === 'keydown') latest.current.onLeave();
      return false;
    });
    terminal.focus();
    const where = { session, guest: () => latest.current, stands: (now: Standing) => latest.current.stands(now) };
    const line = keepJoined(terminal, where);
    const watch = new ResizeObserver(() => fit.fit());
    watch.observe(inside);
    return () => {
      watch.disconnect();
      line.close();
      terminal.dispose();
    };
  }, [session]);
  useEffect(() => shown.current?.textarea?.setAttribute('aria-label', label), [label]);
  return <div ref={place} className={styles.terminal} />;
}

function makeTerminal(label: string): Terminal {
  giveStylesTheNonce();
  const terminal = new Terminal({
    fontFamily: '"IBM Plex Mono", "IBM Plex Sans JP", ui-monospace, monospace',
    fontSize: 12,
    lineHeight: 1.25,
    scrollback: LINES_KEPT,
    cursorBlink: !matchMedia('(prefers-reduced-motion: reduce)').matches,
    screenReaderMode: true,
    allowProposedApi: true, // widths of Japanese and emoji
    theme: { background: '#15171a', foreground: '#eae7e0', cursor: '#8ab8e8', selectionBackground: '#2c425c' },
  });
  terminal.loadAddon(new UnicodeGraphemesAddon());
  terminal.unicode.activeVersion = '15-graphemes';
  if (terminal.textarea) terminal.textarea.setAttribute('aria-label', label);
  return terminal;
}

interface Where {
  session: Session;
  guest: () => { hostId: string; guestId: string };
  stands: (standing: Standing) => void;
}

/** Joins terminal and guest, and again when the way to the engine was lost. */
function keepJoined(terminal: Terminal, { session, guest, stands }: Where): { close(): void } {
  let joined: JoinedConsole | null = null;
  let closed = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const encode = new TextEncoder();
  const again = () => {
    joined = null;
    if (closed) return;
    stands({ is: 'opening' });
    timer = setTimeout(() => void join(), RETRY_MS);
  };
  const join = async () => {
    try {
      const { hostId, guestId } = guest();
      const made = await joinConsole(session, { hostId, guestId, kind: 'serial', columns: terminal.cols, rows: terminal.rows });
      if (closed) return made.stream.end(null);
      joined = made;
      made.stream.onPlace((at) => stands({ is: at }));
      made.stream.onEnd((why) => (why === null ? again() : stands({ is: 'ended', problem: why })));
      made.stream.onBytes((bytes, taken) => terminal.write(bytes, taken));
    } catch (thrown) {
      const why = problemOf(thrown);
      if (closed) return;
      if (['port.closed', 'host.notOpen', 'guest.wrongState', 'program.fault'].includes(why.code)) again();
      else stands({ is: 'ended', problem: why });
    }
  };
  stands({ is: 'opening' });
  void join();
  const listeners = [
    terminal.onData((text) => joined?.stream.send(encode.encode(text))),
    terminal.onBinary((text) => joined?.stream.send(Uint8Array.from(text, (one) => one.charCodeAt(0)))),
    terminal.onResize(({ cols, rows }) => joined?.resize(cols, rows)),
  ];
  return {
    close() {
      closed = true;
      clearTimeout(timer);
      for (const one of listeners) one.dispose();
      joined?.stream.end(null);
    },
  };
}
