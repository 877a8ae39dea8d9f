import { createHash } from 'node:crypto';
import type { Host, HostFacts } from '../../contract/host.ts';
import { fail, type Problem, ProblemError, problem, problemOf } from '../../contract/problem.ts';
import { mayChangeHost } from '../../contract/rules.ts';
import type { Fix, FixPreview, TwinReport, TwinSide } from '../../contract/twin.ts';
import type { Guests, Hosts, Twins } from '../parts.ts';
import { shellWords } from '../ssh/quote.ts';
import type { World } from '../world.ts';
import { compareTwins, type TwinEnd } from './compare.ts';
import { lookAtTwin, type Nic, type TwinLook } from './look.ts';
import { makeFix, thingOf, tidyFixes } from './making.ts';
import { type FixPlan, planFix } from './plan.ts';
import { foldersOf } from './storage.ts';

export interface TwinsParts {
  world: Pick<World, 'log'>;
  hosts: Hosts;
  guests: Guests;
}

/** Two hosts as partners, and making what one of them lacks. */
export function createTwins(parts: TwinsParts): Twins {
  const { hosts, world } = parts;
  const stop = hosts.onOpen(({ hostId, remote }) => {
    let gone = false;
    const told = (thrown: unknown) => {
      if (!gone) world.log('warn', 'fix.tidy', { hostId, why: problemOf(thrown).code });
    };
    if (mayChangeHost(hosts.get(hostId)).may) tidyFixes(remote).catch(told);
    return () => {
      gone = true;
    };
  });
  return {
    close: stop,
    handlers: {
      'twin.check': ({ hostId, otherHostId }, signal) => check(parts, hostId, otherHostId, signal),
      'fix.preview': async ({ hostId, fix }) => (await prepare(hosts, hostId, fix)).preview,
      'fix.make': async ({ hostId, fix, shown }, signal) => {
        const change = mayChangeHost(hosts.get(hostId));
        if (!change.may) throw new ProblemError(change.because);
        const { plan, preview } = await prepare(hosts, hostId, fix);
        if (preview.refusal) throw new ProblemError(preview.refusal);
        const { label } = hosts.get(hostId);
        if (preview.shown !== shown) fail('fix.changed', { host: label });
        await makeFix(hosts.remote(hostId), fix, plan, label);
        // it is made, whether or not the host can be looked at again
        await hosts.handlers['host.examine']({ hostId }, signal).catch(() => {});
        return null;
      },
    },
  };
}

async function check({ hosts, guests }: TwinsParts, one: string, two: string, signal: AbortSignal): Promise<TwinReport> {
  if (one === two) fail('twin.sameHost', {});
  // both links are asked for before either host is troubled
  const remotes = [hosts.remote(one), hosts.remote(two)] as const;
  await Promise.all([one, two].map((hostId) => hosts.handlers['host.examine']({ hostId }, signal)));
  const [mine, yours] = [one, two].map((hostId) => ({
    ...known(hosts, hostId),
    guests: guests.onHost(hostId).filter((guest) => !guest.leftover),
  }));
  if (!mine || !yours) return fail('twin.sameHost', {});
  const [here, there] = await Promise.all([
    lookAtTwin(remotes[0], foldersOf(yours.guests, yours.facts), mine.guests),
    lookAtTwin(remotes[1], foldersOf(mine.guests, mine.facts), yours.guests),
  ]);
  const a: TwinEnd = { ...mine, look: here };
  const b: TwinEnd = { ...yours, look: there };
  return { sides: [sideOf(a), sideOf(b)], findings: compareTwins(a, b) };
}

/** A host and its facts. Problem: `host.notOpen`. */
function known(hosts: Hosts, hostId: string): { host: Host; facts: HostFacts } {
  const host = hosts.get(hostId);
  const { facts } = host;
  return facts ? { host, facts } : fail('host.notOpen', { label: host.label });
}

function sideOf({ host, look }: TwinEnd): TwinSide {
  const most = look.policies && new Set([...(look.policies.pv?.most ?? []), ...(look.policies.hvm?.most ?? [])]);
  return { hostId: host.id, features: most?.size ?? null, keymaps: look.keymaps, network: look.network };
}

async function prepare(hosts: Hosts, hostId: string, fix: Fix): Promise<{ plan: FixPlan; preview: FixPreview }> {
  const { host, facts } = known(hosts, hostId);
  const folders = fix.is === 'folder' ? [fix.path] : [];
  const look = await lookAtTwin(hosts.remote(hostId), folders, []);
  const plan = planFix(fix, look);
  const commands = plan.commands.map(shellWords);
  const shown = createHash('sha256')
    .update(JSON.stringify([commands, plan.files]))
    .digest('hex');
  return {
    plan,
    preview: {
      commands,
      files: plan.files,
      lasting: plan.lasting,
      network: look.network,
      ports: fix.is === 'bridge' ? look.nics.map((one) => ({ name: one.name, refusal: unfit(one, host.label) })) : [],
      refusal: refusalOf(fix, facts, look, host.label),
      shown,
    },
  };
}

const unfit = ({ name, fit }: Nic, host: string): Problem | null =>
  fit === 'free' ? null : problem('fix.portUnfit', { port: name, unfit: fit, host });

/** Why it can't be made, by what is known; `make` itself looks once more. */
function refusalOf(fix: Fix, facts: HostFacts, look: TwinLook, host: string): Problem | null {
  switch (fix.is) {
    case 'bridge': {
      if (facts.bridges.some((one) => one.name === fix.name)) return problem('fix.exists', { thing: fix.name, host });
      if (fix.port === null) return null;
      const nic = look.nics.find((one) => one.name === fix.port);
      return nic ? unfit(nic, host) : problem('fix.portUnfit', { port: fix.port, unfit: 'missing', host });
    }
    case 'folder':
      return look.folders.get(fix.path) === 'missing' ? null : problem('fix.exists', { thing: fix.path, host });
    case 'volume': {
      const group = facts.places.find((one) => one.is === 'volumeGroup' && one.name === fix.group);
      if (!group) return problem('fix.groupMissing', { group: fix.group, host });
      if (facts.volumes.some((one) => one.path === thingOf(fix))) return problem('fix.exists', { thing: thingOf(fix), host });
      const short = fix.sizeMiB - group.freeMiB;
      return short > 0 ? problem('space.short', { place: fix.group, shortMiB: short }) : null;
    }
  }
}
