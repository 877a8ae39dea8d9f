import type { TrashEntry } from '../../contract/app.ts';
import type { Disk, Guest } from '../../contract/guest.ts';
import type { Host } from '../../contract/host.ts';
import { fail, ProblemError } from '../../contract/problem.ts';
import { isOfDom0, mayChangeHost, mayRemove } from '../../contract/rules.ts';
import { newUuid } from '../creation/identity.ts';
import { guardGuest, refuseGuarded, refuseUnasked } from '../guard/guard.ts';
import type { Guests } from '../parts.ts';
import { editGuestConfig, readGuestConfig } from '../xen/guestConfig.ts';
import { letGo, listTrash, putBack, readConfigFile, setAutostart, trashConfig, writeConfigFile } from './configFiles.ts';
import type { GuestsParts } from './mirror.ts';
import { diskIdentity, livesOn } from './safety.ts';
import { trashedConfig } from './trashed.ts';

type Core = Pick<Guests, 'all' | 'get' | 'refresh' | 'onHost'>;
type Stored = Pick<
  Guests['handlers'],
  | 'guest.remove'
  | 'guest.setAutostart'
  | 'guest.readConfig'
  | 'guest.writeConfig'
  | 'guest.giveUuid'
  | 'trash.list'
  | 'trash.putBack'
  | 'trash.letGo'
>;

/** What can be done to a guest's stored config, and the way back from the trash. */
export function storedHandlers(parts: GuestsParts, guests: Core): Stored {
  const { hosts, tasks, world } = parts;
  const changeable = (hostId: string): Host => {
    const host = hosts.get(hostId);
    const may = mayChangeHost(host);
    if (!may.may) throw new ProblemError(may.because);
    return host;
  };
  const fileOf = (hostId: string, guestId: string): { guest: Guest; file: string } => {
    const guest = guests.get(hostId, guestId);
    return { guest, file: guest.config?.file ?? fail('guest.noConfig', { name: guest.name }) };
  };
  const entryOf = async (hostId: string, trashId: string): Promise<TrashEntry> =>
    (await listTrash(hosts.remote(hostId))).find((one) => one.trashId === trashId) ?? fail('trash.gone', { name: trashId });
  const autoFolderOf = (host: Host) => host.facts?.autoFolder ?? '/etc/xen/auto';

  return {
    'guest.remove': async ({ hostId, guestId, typedName, disks }) => {
      const guest = guests.get(hostId, guestId);
      const may = mayRemove(guest, hosts.get(hostId));
      if (!may.may) throw new ProblemError(may.because);
      if (typedName !== guest.name) fail('guest.nameMismatch', { name: guest.name });
      const taskId = tasks.start({ kind: 'guest.remove', hostId, guestId, guestName: guest.name }, async (hand) => {
        await guests.refresh(hostId);
        const now = guests.get(hostId, guestId);
        const still = mayRemove({ ...now, doing: null }, hosts.get(hostId));
        if (!still.may) throw new ProblemError(still.because);
        const going = disks ? disksToRemove(now, hosts.all(), guests.all()) : [];
        hand.tell({ phase: 'tidying' });
        const { file } = fileOf(hostId, guestId);
        const autoFolder = autoFolderOf(hosts.get(hostId));
        await trashConfig(hosts.remote(hostId), { id: hand.id, of: now, file, autoFolder, disks: going });
        await guests.refresh(hostId);
      });
      return { taskId };
    },
    'trash.list': async ({ hostId }) => await listTrash(hosts.remote(hostId)),
    'trash.putBack': async ({ hostId, trashId, typedName }) => {
      changeable(hostId);
      const entry = await entryOf(hostId, trashId);
      const { name, uuid, movedTo } = entry;
      if (entry.disks.some((disk) => !disk.whole)) fail('trash.partly', { name });
      // what a move left here is not started with its host, but is a second one of a guest that is elsewhere
      const guarded = movedTo === null;
      const where = movedTo === null ? null : livesOn({ hostId, name, uuid, movedTo }, hosts.all(), guests.all());
      if (where !== null && typedName === null) fail('guard.livesElsewhere', { name, where });
      if (where !== null && typedName !== name) fail('guest.nameMismatch', { name });
      const suspect = { key: `${hostId}/${uuid ?? trashId}`, hostId, name, uuid, config: null, live: null };
      if (guarded) refuseUnasked({ hosts, guests }, suspect, typedName);
      const taskId = tasks.start({ kind: 'guest.putBack', hostId, guestId: null, guestName: entry.name }, async (hand) => {
        if (guarded) {
          hand.tell({ phase: 'checking' });
          const whole = { ...suspect, config: await trashedConfig(hosts.remote(hostId), entry) };
          refuseGuarded(await guardGuest({ world, hosts, guests }, hostId, () => whole), name, typedName);
        }
        hand.tell({ phase: 'writing' });
        await putBack(hosts.remote(hostId), entry);
        await guests.refresh(hostId);
      });
      return { taskId };
    },
    'trash.letGo': async ({ hostId, trashId, typedName }, signal) => {
      changeable(hostId);
      const entry = await entryOf(hostId, trashId);
      if (typedName !== entry.name) fail('guest.nameMismatch', { name: entry.name });
      const taskId = tasks.start({ kind: 'guest.letGo', hostId, guestId: null, guestName: entry.name }, async (hand) => {
        hand.tell({ phase: 'tidying' });
        await letGo(hosts.remote(hostId), entry);
        // there is more room now
        await hosts.handlers['host.examine']({ hostId }, signal).catch(() => {});
      });
      return { taskId };
    },
    'guest.setAutostart': async ({ hostId, guestId, autostart }) => {
      const autoFolder = autoFolderOf(changeable(hostId));
      const { guest, file } = fileOf(hostId, guestId);
      await setAutostart(hosts.remote(hostId), { file, autoFolder, of: guest }, autostart);
      await guests.refresh(hostId);
      return null;
    },
    'guest.readConfig': async ({ hostId, guestId }) => {
      const { file } = fileOf(hostId, guestId);
      return { file, ...(await readConfigFile(hosts.remote(hostId), file)) };
    },
    'guest.writeConfig': async ({ hostId, guestId, text, version }) => {
      changeable(hostId);
      const { guest, file } = fileOf(hostId, guestId);
      readGuestConfig(text, file); // what xl could not read is refused here, with its line
      const written = await writeConfigFile(hosts.remote(hostId), file, { text, version, of: guest });
      await guests.refresh(hostId);
      return { version: written };
    },
    'guest.giveUuid': async ({ hostId, guestId }) => {
      changeable(hostId);
      const { guest, file } = fileOf(hostId, guestId);
      const remote = hosts.remote(hostId);
      const { text, version } = await readConfigFile(remote, file);
      if (readGuestConfig(text, file).uuid) return null;
      // while it runs, the one it runs with: so it stays the same guest
      const uuid = guest.uuid ?? newUuid(world.random);
      // one that was started meanwhile runs with another, and would be two guests
      await writeConfigFile(remote, file, {
        text: editGuestConfig(text, file, { uuid }),
        version,
        of: guest,
        halted: guest.uuid === null,
      });
      await guests.refresh(hostId);
      return null;
    },
  };
}

/** The disks that go with their guest: what no other guest anywhere uses, running or stored. Problem: `guest.diskInUse`. */
export function disksToRemove(guest: Guest, hosts: readonly Host[], all: readonly Guest[]): string[] {
  const host = hosts.find((one) => one.id === guest.hostId);
  const own = (guest.config?.shape?.disks ?? []).filter((disk) => !disk.cdrom && disk.target !== '' && isOfDom0(disk));
  if (!host) return [];
  for (const other of all) {
    const there = hosts.find((one) => one.id === other.hostId);
    if (other.key === guest.key || !there || isTwin(guest, other)) continue;
    for (const disk of (other.live ?? other.config?.shape)?.disks ?? []) {
      const theirs = diskIdentity(disk, there, hosts);
      const mine: Disk | null | undefined = theirs && own.find((one) => diskIdentity(one, host, hosts)?.id === theirs.id);
      if (mine) fail('guest.diskInUse', { disk: mine.target, name: other.name, where: there.label || there.address });
    }
  }
  return own.map((disk) => disk.target);
}

/** The same guest's config kept on another host as well; running there, it is another matter. */
const isTwin = (guest: Guest, other: Guest): boolean => other.state === 'halted' && guest.uuid !== null && guest.uuid === other.uuid;
