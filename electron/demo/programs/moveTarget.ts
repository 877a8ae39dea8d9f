import installText from '../../engine/remote/programs/move-install.sh?raw';
import receiveText from '../../engine/remote/programs/move-receive.sh?raw';
import stageText from '../../engine/remote/programs/move-stage.sh?raw';
import unlockText from '../../engine/remote/programs/move-unlock.sh?raw';
import unstageText from '../../engine/remote/programs/move-unstage.sh?raw';
import { type Incoming, incomingOf, install, unlock } from '../model/moves.ts';
import type { SimHost } from '../model/simHost.ts';
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
    const [id = '', keysFile = '', from = '', config = '', mode = '', auto = '', target = '', uuid = ''] = proc.args;
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
      keyLine: null,
      keysMade: false,
      config: config === '' ? null : { path: config, mode: Number.parseInt(mode, 8), text },
      auto: auto === '' ? null : { path: auto, target },
      stage: 'staged',
      installed: false,
    };
    if (keysFile !== '') lock(host, incoming, { from, key });
    incomingOf(host).set(id, incoming);
    proc.out('ok\n');
    return 0;
  },
};

function known(files: Map<string, string>): boolean {
  const texts: Record<string, string> = { receive: receiveText, unlock: unlockText, install: installText };
  return Object.entries(texts).every(([name, text]) => !files.has(name) || files.get(name) === text);
}

/** Our line goes in front, so that not a byte of the others changes. */
function lock(host: SimHost, incoming: Incoming, who: { from: string; key: string }): void {
  const expiry = new Date(host.now() + 600_000).toISOString().replace(/[-:T]/g, '').slice(0, 14);
  incoming.keyLine = `restrict,from="${who.from}",expiry-time="${expiry}",command="sh /var/lib/xenferry/incoming/${incoming.id}/receive" ${who.key} xenferry-${incoming.id}`;
  const before = host.files.stat(incoming.keysFile);
  incoming.keysMade = before === null;
  host.files.write(incoming.keysFile, `${incoming.keyLine}\n${before?.text ?? ''}`, 0o600);
}

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
    if (incoming && incoming.stage === 'receiving' && incoming.bootedAt === proc.host.bootedAt) return failed(proc, 'receiving');
    if (incoming) {
      unlock(proc.host, incoming);
      incomingOf(proc.host).delete(incoming.id);
    }
    proc.out('ok\n');
    return 0;
  },
};
