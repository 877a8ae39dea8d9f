import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { sh } from './twoHosts.ts';

/** The lab's own guests that moves are tried with, on hosts as the lab is built but for what a test makes of them. */

const ours = ['tiny1', 'tiny3', 'hvm1'] as const;

/** Nothing of the move lies around: no key, no staging, no half of a domain, nothing beside the configs. */
export async function expectTidy(): Promise<void> {
  for (const n of [1, 2] as const) {
    expect(
      await sh(
        n,
        'grep -c xenferry- /root/.ssh/authorized_keys; ls /var/lib/xenferry/incoming 2>/dev/null; find /etc/xen -name ".xenferry*"; xl list | grep -E -- "tiny[13]--|hvm1--"',
      ),
    ).toBe('0');
  }
}

export async function start(n: 1 | 2, name: string): Promise<void> {
  await sh(n, 'xl create "/etc/xen/$1.cfg" >/dev/null', name);
}

/** Our guests halted, their configs on both hosts as the lab is built. */
export async function asBuilt(): Promise<void> {
  const configs = ours.map((name) => readFile(fileURLToPath(new URL(`../../lab/dom0/etc/xen/${name}.cfg`, import.meta.url)), 'base64'));
  const words = (await Promise.all(configs)).flatMap((config, nth) => [ours[nth] ?? '', config]);
  const text = `while [ $# -gt 0 ]; do
    xl destroy "$1" 2>/dev/null
    rm -f "/etc/xen/auto/$1.cfg" "/etc/xen/$1.cfg"
    printf %s "$2" | base64 -d >"/etc/xen/$1.cfg"
    shift 2
  done`;
  await Promise.all([sh(1, text, ...words), sh(2, text, ...words)]);
}

/** Moves of theirs that a run which was cut off left must not be settled by this one; then as built. */
export async function fresh(): Promise<void> {
  await Promise.all(
    ([1, 2] as const).map((n) =>
      sh(
        n,
        `cd /var/lib/xenferry 2>/dev/null || exit
        for name; do grep -l "\\"guestName\\":\\"$name\\"" jobs/*/about; grep -l "/$name.cfg$" incoming/*/where-config; done | while read -r one; do
          one=$(dirname "$one")
          [ ! -e "$one/unlock" ] || sh "$one/unlock"
          rm -rf "$one"
        done`,
        ...ours,
      ),
    ),
  );
  await asBuilt();
}
