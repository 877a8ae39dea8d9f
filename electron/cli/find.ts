import type { Guest } from '../contract/guest.ts';
import type { Host } from '../contract/host.ts';
import { refuse } from './refusal.ts';

const isHost = (word: string) => (host: Host) => [host.id, host.label, host.address].includes(word);

/** The host that a word means: its label, address or id. */
export function findHost(word: string, hosts: readonly Host[]): Host {
  const found = hosts.filter(isHost(word));
  const [first] = found;
  if (!first)
    return refuse(
      'noSuchHost',
      { word },
      hosts.map((one) => one.label),
    );
  return found.length === 1
    ? first
    : refuse(
        'manyHosts',
        { word },
        found.map((one) => `${one.id} (${one.label}, ${one.address})`),
      );
}

/** The guest that a word means: its name, its UUID, or HOST/ and one of both. Two that fit are never chosen between. */
export function findGuest(word: string, guests: readonly Guest[], hosts: readonly Host[]): Guest {
  const isNamed = (name: string) => (guest: Guest) => guest.name === name;
  const isIdentity = (text: string) => (guest: Guest) => guest.guestId === text || guest.uuid === text.toLowerCase();
  const ways = [isNamed(word), isIdentity(word), ...onHost(word, hosts, isNamed), ...onHost(word, hosts, isIdentity)];
  const found = ways.map((way) => guests.filter(way)).find((some) => some.length > 0) ?? [];
  const [first] = found;
  if (!first) return refuse('noSuchGuest', { word });
  return found.length === 1 ? first : refuse('manyGuests', { word }, clearNames(found, hosts));
}

/** Labels may hold a slash, so every place it can be parted at is tried. */
function onHost(word: string, hosts: readonly Host[], by: (text: string) => (guest: Guest) => boolean) {
  return [...word.matchAll(/\//g)].map(({ index }) => {
    const there = hosts.filter(isHost(word.slice(0, index))).map((one) => one.id);
    const fits = by(word.slice(index + 1));
    return (guest: Guest) => there.includes(guest.hostId) && fits(guest);
  });
}

/** HOST/NAME of each with its state; HOST/UUID where that is not clear either. */
function clearNames(guests: readonly Guest[], hosts: readonly Host[]): string[] {
  const short = (guest: Guest) => `${hosts.find((one) => one.id === guest.hostId)?.label ?? guest.hostId}/`;
  return guests.map((guest) => {
    const twins = guests.filter((one) => one.hostId === guest.hostId && one.name === guest.name).length > 1;
    return `${short(guest)}${twins ? guest.guestId : guest.name} (${guest.state})`;
  });
}
