import undoText from '../../engine/remote/programs/create-undo.sh?raw';
import leaseText from '../../engine/remote/programs/lease.sh?raw';
import admitText from '../../engine/remote/programs/move-admit.sh?raw';
import disksInText from '../../engine/remote/programs/move-disks-in.sh?raw';
import doorText from '../../engine/remote/programs/move-door.sh?raw';
import installText from '../../engine/remote/programs/move-install.sh?raw';
import knockText from '../../engine/remote/programs/move-knock.sh?raw';
import receiveText from '../../engine/remote/programs/move-receive.sh?raw';
import stageText from '../../engine/remote/programs/move-stage.sh?raw';
import unlockText from '../../engine/remote/programs/move-unlock.sh?raw';
import unstageText from '../../engine/remote/programs/move-unstage.sh?raw';
import {
  admit,
  dropDisks,
  dropIncoming,
  type Incoming,
  incomingFolder,
  incomingOf,
  install,
  openDoor,
  settleOlds,
  unlock,
} from '../model/moves.ts';
import type { Proc, SimProgram } from '../server/proc.ts';

const failed = (proc: Proc, why: string): number => {
  proc.out(`failed ${why}\n`);
  return 1;
};

/** Makes ready at the target what a move will need there. The programs it puts there must be the known ones. */
export const moveStage: SimProgram = {
  name: 'move-stage',
  text: stageText,
  async run(proc) {
    const [id = '', keysFile = '', from = '', config = '', mode = '', auto = '', target = '', uuid = '', wait = ''] = proc.args;
    const { host } = proc;
    if (!/^[A-Za-z0-9_-][A-Za-z0-9._-]*$/.test(id)) return failed(proc, 'name');
    if (incomingOf(host).has(id)) return failed(proc, 'exists');
    const files = new Map<string, string>();
    let key = '';
    for (const line of (await proc.stdin.text()).split('\n').filter(Boolean)) {
      const [word, first = '', second = ''] = line.split(' ');
      if (word === 'file') files.set(first, Buffer.from(second, 'base64').toString('utf8'));
      else if (word === 'key') key = `${first} ${second}`;
      else return failed(proc, 'input');
    }
    if (!known(files)) return failed(proc, 'input');
    const text = files.get('config') ?? '';
    const there = config === '' ? null : host.files.stat(config);
    if (there && there.text !== text) return failed(proc, `taken ${config}`);
    if (keysFile !== '' && key === '') return failed(proc, 'input');
    const incoming: Incoming = {
      id,
      uuid,
      bootedAt: host.bootedAt,
      keysFile,
      who: { from, key },
      keyLine: null,
      expects: null,
      keysMade: false,
      config: config === '' ? null : { path: config, mode: Number.parseInt(mode, 8), text },
      auto: auto === '' ? null : { path: auto, target },
      leases: (files.get('lease.of') ?? '').split('\n').filter((_line, at, all) => at < all.length - 1),
      stage: 'staged',
      installed: false,
      disks: disksOf(files.get('disks') ?? ''),
      made: [],
      takesDisks: false,
      later: wait === '' ? null : laterOf(files),
    };
    incomingOf(host).set(id, incoming);
    if (keysFile !== '' && wait !== '') openDoor(host, incoming, Number(wait));
    else if (keysFile !== '') admit(host, incoming, files.has('disks') ? 'disks' : 'memory'); // none of them come along: still the way of a move with a stop
    if (keysFile === '-') proc.out(`at ${incomingFolder(id)}\n`);
    proc.out('ok\n');
    return 0;
  },
};

function known(files: Map<string, string>): boolean {
  const ours = {
    receive: receiveText,
    unlock: unlockText,
    install: installText,
    admit: admitText,
    ...(files.has('lease') ? { lease: leaseText } : {}),
    ...(files.has('door') ? { door: doorText, knock: knockText } : {}),
  };
  const texts: Record<string, string> = files.has('disks') ? { ...ours, 'disks-in': disksInText, undo: undoText } : ours;
  return Object.entries(texts).every(([name, text]) => files.get(name) === text);
}

const laterOf = (files: Map<string, string>): Incoming['later'] => ({
  name: (files.get('name') ?? '').trimEnd(),
  needsMiB: Number(files.get('needs')),
  volumes: (files.get('volumes') ?? '').split('\n').filter(Boolean),
});

/** N tab KIND tab DEST, and tab OLD where there is one, a line each. */
const disksOf = (text: string): Incoming['disks'] =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split('\t'))
    .map(([, kind = '', dest = '', old = '']) => ({ kind, dest, old }));

export const moveInstall: SimProgram = {
  name: 'move-install',
  text: installText,
  run(proc) {
    const incoming = incomingOf(proc.host).get(proc.args[0] ?? '');
    if (!incoming) return failed(proc, 'gone');
    const hindered = install(proc.host, incoming);
    if (hindered) return failed(proc, hindered);
    proc.out('ok\n');
    return 0;
  },
};

export const moveUnstage: SimProgram = {
  name: 'move-unstage',
  text: unstageText,
  run(proc) {
    const incoming = incomingOf(proc.host).get(proc.args[0] ?? '');
    const [, drop, uuid] = proc.args;
    if (incoming) {
      const { host } = proc;
      const sameBoot = incoming.bootedAt === host.bootedAt;
      if (incoming.stage === 'receiving' && sameBoot) return failed(proc, 'receiving');
      if (incoming.takesDisks && sameBoot) {
        incoming.takesDisks = false; // it is ended; whoever asks again finds it gone
        return failed(proc, 'receiving');
      }
      const here = host.inOrder().some((one) => one.uuid === (uuid ?? incoming.uuid));
      const came = incoming.stage === 'received' || incoming.installed || here;
      if (drop === 'drop' && incoming.made.length > 0) {
        if (came) return failed(proc, 'came');
        dropDisks(host, incoming);
      }
      settleOlds(host, incoming, came);
      unlock(host, incoming);
      dropIncoming(host, incoming.id);
    }
    proc.out('ok\n');
    return 0;
  },
};
