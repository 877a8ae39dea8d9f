import { storeChildren, storeValue } from '../model/xenstore.ts';
import type { Command } from '../server/proc.ts';

export const xenstoreRead: Command = (proc) => {
  for (const path of proc.args) {
    const value = storeValue(proc.host, path);
    if (value === null) {
      proc.err(`xenstore-read: couldn't read path ${path}\n`);
      return 1;
    }
    proc.out(`${value}\n`);
  }
  return 0;
};

export const xenstoreList: Command = (proc) => {
  for (const path of proc.args) {
    const children = storeChildren(proc.host, path);
    if (children.length === 0 && storeValue(proc.host, path) === null) {
      proc.err(`xenstore-list: could not list path ${path}\n`);
      return 1;
    }
    proc.out(children.map((one) => `${one}\n`).join(''));
  }
  return 0;
};

export const xenstoreExists: Command = (proc) => (proc.args.every((path) => storeValue(proc.host, path) !== null) ? 0 : 1);
