import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { bigOffice, demoOffice } from './content.ts';
import { breakMove, type Leaving, leave } from './model/leftBehind.ts';
import { destroy, pause } from './model/lifecycle.ts';
import type { Office } from './model/office.ts';
import type { SimHost } from './model/simHost.ts';
import { type SimClock, simTime, systemClock } from './model/time.ts';
import type { Account } from './server/run.ts';
import { type SimSshd, startSshd } from './server/sshServer.ts';

export interface DemoOptions {
  /** How much faster than real hardware things go; 1: as in life. */
  speed?: number;
  clock?: SimClock;
  /** This many hosts with this many guests each, instead of the office of three. */
  size?: { hosts: number; guests: number };
  /** Root's password on every host. */
  password?: string;
}

/** A simulated host as the operator's desktop reaches it. */
export interface DemoHost {
  label: string;
  address: string;
  port: number;
  user: string;
  password: string;
  /** As OpenSSH shows it: SHA256:… */
  hostKeyFingerprint: string;
  tags: string[];
}

export interface Demo {
  hosts: DemoHost[];
  /** World's `dial`: names of demo hosts go to their server on loopback, everything else into the real network. */
  dial(address: string, port: number, signal: AbortSignal): Promise<Duplex>;
  /** World's `desktop.ping` for guests of the demo: ms, or null for no reply. */
  ping(address: string): Promise<number | null>;
  /** What a person can't do to the demo, but a test can. */
  fault(address: string, fault: DemoFault): void;
  /** The model itself: tests look at it as one looks at a machine in the rack. */
  office: Office;
  /** The servers, in the order of `hosts`. */
  servers: SimSshd[];
  close(): Promise<void>;
}

export type DemoFault =
  | { is: 'cutLink' }
  /** Connections stay open and nothing is said any more; false: goes on. */
  | { is: 'freeze'; on: boolean }
  /** The machine is gone, or back (with no guests running). */
  | { is: 'power'; on: boolean }
  /** No other host reaches it; the desktop does. */
  | { is: 'apart'; on: boolean }
  /** Its sshd forwards nothing (AllowTcpForwarding no). */
  | { is: 'noForwarding' }
  /** Its sshd lets no socket be opened (AllowStreamLocalForwarding no). */
  | { is: 'noSockets' }
  /** Its sshd reads no key files (AuthorizedKeysFile none). */
  | { is: 'noKeyFiles' }
  | { is: 'newHostKey' }
  /** Someone else works on the host: xl without XenFerry. */
  | { is: 'destroyGuest' | 'pauseGuest'; name: string }
  /** What a move leaves that was broken off by hand, or whose other end is gone. */
  | { is: 'leave'; what: Leaving; name: string }
  /** Changes the output of commands whose line contains `in`. */
  | { is: 'garble'; change: ((text: string, command: string) => string) | null };

const port = 22;

/** Starts simulated hosts: real SSH servers on loopback over a model in memory. */
export async function startDemo(options: DemoOptions = {}): Promise<Demo> {
  const time = simTime(options.clock ?? systemClock, options.speed ?? 1);
  const office = options.size ? bigOffice(time, options.size.hosts, options.size.guests) : demoOffice(time);
  const password = options.password ?? 'xenferry';
  for (const host of office.hosts) host.onStir((path) => path === '@introduceDomain' && breakSoon(host));
  const servers: SimSshd[] = [];
  for (const host of office.hosts) servers.push(await startSshd(host, accounts(password)));
  const serverOf = (address: string): SimSshd | undefined =>
    servers.find((one) => [one.host.about.address, one.host.about.ownAddress].includes(address));
  return {
    office,
    servers,
    hosts: servers.map((one) => ({
      label: one.host.about.label,
      address: one.host.about.address,
      port,
      user: 'root',
      password,
      hostKeyFingerprint: one.fingerprint,
      tags: one.host.about.tags,
    })),
    dial: (address, wanted, signal) => {
      const server = serverOf(address);
      if (!server) return dialTo(address, wanted, signal);
      if (server.host.dead) return Promise.reject(refusal('EHOSTUNREACH', address, wanted));
      return wanted === port ? dialTo('127.0.0.1', server.port, signal) : Promise.reject(refusal('ECONNREFUSED', address, wanted));
    },
    ping: async (address) => (office.answers(address) ? 0.4 : null),
    fault(address, fault) {
      const server = serverOf(address);
      if (server) inflict(server, fault);
    },
    close: async () => {
      await Promise.all(servers.map((one) => one.close()));
    },
  };
}

/** What was tried to move by hand shows it a moment after its start. */
function breakSoon(host: SimHost): void {
  const broken = [...host.domains.values()].find((one) => one.name.includes('sim-broken-move') && !one.incoming);
  if (!broken) return;
  host.office.time.after(5_000, () => {
    if (host.domains.has(broken.domid) && broken.runs) breakMove(host, broken.name);
  });
}

/** Root; one who may do everything by sudo; one whom sudo asks; one who may not. As in the lab. */
function accounts(password: string): Account[] {
  return [
    { user: 'root', password, sudo: 'is root' },
    { user: 'operator', password, sudo: 'free' },
    { user: 'clerk', password, sudo: 'asks' },
    { user: 'guest', password, sudo: 'refused' },
  ];
}

function dialTo(address: string, wanted: number, signal: AbortSignal): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port: wanted, signal });
    socket.setNoDelay(true);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
    socket.once('error', reject);
  });
}

function refusal(code: string, address: string, wanted: number): Error {
  return Object.assign(new Error(`connect ${code} ${address}:${wanted}`), { code, syscall: 'connect', address, port: wanted });
}

function inflict(server: SimSshd, fault: DemoFault): void {
  const { host } = server;
  switch (fault.is) {
    case 'cutLink':
      server.cutLinks();
      return;
    case 'freeze':
      server.freeze(fault.on);
      return;
    case 'power':
      power(server, host, fault.on);
      return;
    case 'apart':
      host.apart = fault.on;
      return;
    case 'noForwarding':
      host.forwards = false;
      return;
    case 'noSockets':
      host.opensSockets = false;
      return;
    case 'noKeyFiles':
      host.keyFiles = false;
      return;
    case 'newHostKey':
      server.changeHostKey();
      return;
    case 'garble':
      server.garble = fault.change;
      return;
    case 'destroyGuest': {
      const domain = host.domain(fault.name);
      if (domain) void destroy(host, domain);
      return;
    }
    case 'leave':
      leave(host, fault.what, fault.name);
      return;
    case 'pauseGuest': {
      const domain = host.domain(fault.name);
      if (domain) pause(host, domain);
    }
  }
}

/** Without power nothing is said to anyone, not even goodbye; with it again, no guest runs and no lock is held. */
function power(server: SimSshd, host: SimHost, on: boolean): void {
  host.dead = !on;
  if (!on) {
    server.cutLinks();
    return;
  }
  host.domains.clear();
  host.store.clear();
  host.locks.clear();
  host.bootedAt = host.office.time.now();
}
