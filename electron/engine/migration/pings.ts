import type { Ping } from '../../contract/task.ts';
import addressText from '../remote/programs/move-address.sh?raw';
import pingText from '../remote/programs/ping.sh?raw';
import type { Remote } from '../remote/remote.ts';
import type { Clock, Desktop } from '../world.ts';

/** The guest's replies while it moves, each seen from one host's clock. */

export const pingPrograms = {
  ping: { name: 'ping', text: pingText },
  address: { name: 'move-address', text: addressText },
} as const;

/** Echoes of one observer, in the order they came. */
export interface PingTrack {
  from: string;
  /** Replies only: ms since 1970 on the observer's clock. */
  replies: number[];
  /** Whether more may come: not once its link is lost. */
  hears: boolean;
  stop(): void;
}

/**
 * `[1763862845.123456] 64 bytes from 10.77.0.101: icmp_seq=12 ttl=64 time=1.23 ms`
 * `[1763862845.323456] no answer yet for icmp_seq=13`
 */
export function parsePing(line: string): Ping | null {
  const reply = /^\[(\d+\.\d+)\] \d+ bytes from .*icmp_seq=(\d+) .*time=([\d.]+) ms/.exec(line);
  if (reply) return { seq: Number(reply[2]), at: Math.round(Number(reply[1]) * 1000), rttMs: Number(reply[3]) };
  const lost = /^\[(\d+\.\d+)\] no answer yet for icmp_seq=(\d+)/.exec(line);
  return lost ? { seq: Number(lost[2]), at: Math.round(Number(lost[1]) * 1000), rttMs: null } : null;
}

/** The longest time between two replies, ms; null: fewer than two, so nothing can be told. */
export function longestGap(replies: readonly number[]): number | null {
  let longest: number | null = null;
  for (let at = 1; at < replies.length; at++) {
    const gap = (replies[at] ?? 0) - (replies[at - 1] ?? 0);
    if (longest === null || gap > longest) longest = gap;
  }
  return longest;
}

/** Pings from a host until stopped; `heard` gets each echo as it comes, `deaf` is called when no more can come. */
export async function pingFromHost(
  remote: Remote,
  from: string,
  what: { address: string; seconds: number; everySeconds: number },
  { heard, deaf }: { heard: (from: string, ping: Ping) => void; deaf: () => void },
): Promise<PingTrack> {
  const stream = await remote.stream(pingPrograms.ping, [what.address, String(what.seconds), String(what.everySeconds)]);
  const track: PingTrack = { from, replies: [], hears: true, stop: () => stream.close() };
  stream.onLine((line) => {
    const ping = parsePing(line);
    if (!ping) return;
    if (ping.rttMs !== null) track.replies.push(ping.at);
    heard(from, ping);
  });
  stream.onEnd(() => {
    track.hears = false;
    deaf();
  });
  return track;
}

/** How far from the guest's address those are that are asked first. */
const STEPS = [53, 97, 151, 199];
/** Nobody's addresses (RFC 5737), for a guest that is given by its name. */
const NOBODYS = ['198.51.100.77', '203.0.113.77'];

/** Addresses beside this one, on the same network: it is unlikely that each of them is in use. */
export function addressesBeside(address: string): string[] {
  if (!isAddress(address)) return NOBODYS;
  const end = Math.max(address.lastIndexOf('.'), address.lastIndexOf(':')) + 1;
  const [net, last] = [address.slice(0, end), address.slice(end)];
  if (net.endsWith('.')) return STEPS.map((step) => `${net}${((Number(last) + 253 + step) % 254) + 1}`);
  return STEPS.map((step) => `${net}${((Number.parseInt(last || '0', 16) + step * 251) % 0x10000).toString(16)}`);
}

/**
 * Whether a reply seen on the desktop proves that the guest gave it. Some gateways, proxies and VPNs answer for every address,
 * whether or not there is a machine: then the addresses beside the guest's all answer too.
 */
async function repliesProve(desktop: Desktop, address: string): Promise<boolean> {
  const heard = await Promise.all(addressesBeside(address).map((one) => desktop.ping(one, 1000).catch(() => null)));
  return heard.some((one) => typeof one !== 'number');
}

/** Pings from the desktop, one after the other; stops by itself where that can't be done from here, or would prove nothing. */
export function pingFromDesktop(
  world: { desktop: Desktop; clock: Clock },
  from: string,
  address: string,
  ears: { heard: (from: string, ping: Ping) => void; cannot: (from: string) => void },
): PingTrack {
  let going = true;
  const track: PingTrack = {
    from,
    replies: [],
    hears: true,
    stop() {
      going = false;
    },
  };
  const one = async (seq: number): Promise<void> => {
    if (!going) return;
    const at = world.clock.now();
    const rttMs = await world.desktop.ping(address, 1000).catch(() => 'cannot' as const);
    if (!going) return;
    if (rttMs === 'cannot') return ears.cannot(from);
    if (rttMs !== null) track.replies.push(at);
    ears.heard(from, { seq, at, rttMs });
    world.clock.after(Math.max(0, at + 200 - world.clock.now()), () => void one(seq + 1));
  };
  void repliesProve(world.desktop, address).then((proves) => {
    if (proves) void one(1);
    else if (going) ears.cannot(from);
  });
  return track;
}

/** The address in a guest's own configuration: `ip=` of a card, or `ip=` of its kernel's command line. */
export function configuredAddress(shape: { nics: readonly { ip: string | null }[]; cmdline: string | null }): string | null {
  const card = shape.nics.find((nic) => nic.ip)?.ip;
  const words = (shape.cmdline ?? '').split(/\s+/);
  const word = words.find((one) => one.startsWith('ip='))?.slice('ip='.length);
  const first = (card ?? word ?? '').split(/[\s/]/)[0] ?? '';
  const kernel = first.includes('.') ? (first.split(':')[0] ?? '') : first; // ip=ADDRESS:SERVER:GATEWAY:… of the kernel
  return isAddress(kernel) ? kernel : null;
}

/** What is said of an address by the hosts (xenstore, neighbours, leases): the first that is one. */
export async function addressFromHost(remote: Remote, domid: number | null, macs: readonly string[]): Promise<string | null> {
  const ran = await remote.program(pingPrograms.address, [domid === null ? '' : String(domid), ...macs]);
  const found = ran.stdout.split('\n').flatMap((line) => (line.startsWith('address ') ? [line.slice('address '.length).trim()] : []));
  return found.find(isAddress) ?? null;
}

function isAddress(text: string): boolean {
  return /^(\d{1,3}\.){3}\d{1,3}$/.test(text) || /^[0-9a-f]*:[0-9a-f:]+$/i.test(text);
}
