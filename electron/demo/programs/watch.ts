import { createHash } from 'node:crypto';
import text from '../../engine/remote/programs/watch.sh?raw';
import { Top } from '../commands/xentop.ts';
import { infoText } from '../commands/xlInfo.ts';
import { listJson, listText } from '../commands/xlList.ts';
import type { Inode } from '../model/files.ts';
import { jobChanges } from '../model/jobs.ts';
import type { SimHost } from '../model/simHost.ts';
import type { Proc, SimProgram } from '../server/proc.ts';

/** Says what changes on a host, until its input closes or nobody's heart beats for 60 s. */
export const watch: SimProgram = { name: 'watch', text, run: (proc) => new Watch(proc).run() };

class Watch {
  private readonly proc: Proc;
  private readonly host: SimHost;
  private readonly folders: { auto: string; configs: string; vm: string };
  private seen: string | null = null;
  private worked: number | null = null;
  private gathering = false;
  private late = false;
  private beatAt: number;
  private stopFigures: () => void = () => {};
  private waiting: Promise<void> = Promise.resolve();
  constructor(proc: Proc) {
    this.proc = proc;
    this.host = proc.host;
    const [, auto = '', configs = '', vm = ''] = proc.args;
    this.folders = { auto, configs, vm };
    this.beatAt = this.host.office.time.now();
  }
  async run(): Promise<number> {
    const { proc, host } = this;
    const { time } = host.office;
    proc.out('hello 1\n');
    this.files();
    this.figures(Number(proc.args[0] ?? '2'));
    this.event();
    const undoStir = host.onStir((path) => this.stirred(path));
    const undoPulse = time.every(20_000, () => {
      if (time.now() - this.beatAt > 60_000) proc.stdin.end();
    });
    proc.stdin.onLine((line) => this.asked(line));
    await new Promise<void>((resolve) => proc.stdin.onEnd(resolve));
    undoStir();
    undoPulse();
    this.stopFigures();
    return 0;
  }
  /** What the host runs for us takes its time, one thing after the other. */
  private after(work: () => void): void {
    this.waiting = this.waiting
      .then(() => this.host.office.time.wait(25))
      .then(() => {
        if (!this.proc.stdin.ended) work();
      });
  }
  private stirred(path: string): void {
    if (path === '@introduceDomain' || path === '@releaseDomain') this.event();
    const at = /^\/local\/domain\/(\d+)\/(.*)$/.exec(path);
    if (!at || at[1] === '0') return;
    if (at[2] === 'name' || at[2] === 'memory/target') this.event();
    if (/^device\/v(bd|if)\/[^/]+$/.test(at[2] ?? '')) this.proc.out(`device ${at[1]}\n`);
  }
  private event(): void {
    if (this.gathering) {
      this.late = true;
      return;
    }
    this.gathering = true;
    this.late = false;
    this.after(() => this.list());
    this.host.office.time.later(100, () => {
      this.gathering = false;
      if (this.late && !this.proc.stdin.ended) this.event();
    });
  }
  private list(): void {
    this.block('list', '0', listText(this.host, { verbose: true, only: null }));
  }
  private asked(line: string): void {
    const space = line.indexOf(' ');
    const word = space < 0 ? line : line.slice(0, space);
    const rest = space < 0 ? '' : line.slice(space + 1);
    if (word === 'beat') {
      this.beatAt = this.host.office.time.now();
      this.after(() => this.files());
    }
    if (word === 'list') this.after(() => this.list());
    if (word === 'info') {
      this.after(() =>
        this.block(
          'info',
          '0',
          infoText(this.host)
            .split('\n')
            .filter((one) => /^(free_memory|outstanding_claims) /.test(one))
            .join('\n'),
        ),
      );
    }
    if (word === 'live') for (const one of rest.split(' ')) this.after(() => this.live(one));
    if (word === 'config') this.after(() => this.config(rest));
    if (word === 'files') this.after(() => this.files());
    if (word === 'echo') this.after(() => this.proc.out(`echo ${rest}\n`));
    if (word === 'figures') this.figures(Number(rest));
  }
  private live(domid: string): void {
    const only = domid === 'all' ? null : Number(domid);
    const exists = only === null || only === 0 || this.host.domains.has(only);
    this.block(`live ${domid}`, exists ? '0' : '1', exists ? listJson(this.host, only).stdout : '');
  }
  private config(path: string): void {
    const node = this.host.files.stat(path);
    const body = node ? node.text.replace(/\n$/, '').split('\n') : [];
    const sum = node ? createHash('sha256').update(node.text).digest('hex') : '-';
    const lines = node?.text ? body.map((one) => `|${one}\n`).join('') : '';
    this.proc.out(`begin config ${path}\n${lines}end config ${sum}\n`);
  }
  private figures(seconds: number): void {
    this.stopFigures();
    const top = new Top(this.host, true);
    let named = false;
    this.proc.out(`figures ${seconds}\n`);
    const sample = (): void => {
      const [heading = '', ...rows] = top.sample().trimEnd().split('\n');
      const head = named ? '' : `f ${heading}\n`;
      named = true;
      this.proc.out(`f\n${head}${rows.map((row) => `f ${row}\n`).join('')}`);
    };
    sample();
    this.stopFigures = this.host.office.time.every(Math.max(1, seconds) * 1000, sample);
  }
  private files(): void {
    const worked = jobChanges(this.host);
    if (this.worked !== null && this.worked !== worked) this.proc.out('jobs\n');
    this.worked = worked;
    const { auto, configs, vm } = this.folders;
    const names = (folder: string, ends: string): string[] =>
      (this.host.files.list(folder) ?? []).filter((one) => one.endsWith(ends) && !one.startsWith('.')).map((one) => `${folder}/${one}`);
    const links = names(auto, '');
    const stamps = [...names(configs, '.cfg'), ...names(vm, ''), ...links].map((path) => this.stamp(path)).join('\n');
    if (stamps === this.seen) return;
    this.seen = stamps;
    this.block('files', '0', stamps);
    const real = links.flatMap((path) => {
      const node = this.host.files.lstat(path);
      return this.host.files.stat(path)?.kind === 'file' ? [`${path}\t${node?.kind === 'link' ? node.target : path}`] : [];
    });
    this.block('auto', '0', real.join('\n'));
  }
  private stamp(path: string): string {
    const node = this.host.files.stat(path);
    return node ? `${node.sizeBytes} ${stampOf(node)} ${stampOf(node)} ${path}` : '';
  }
  private block(words: string, code: string, body: string): void {
    const lines = body.split('\n').filter((one) => one !== '');
    this.proc.out(`begin ${words}\n${lines.map((one) => `|${one}\n`).join('')}end ${words.split(' ')[0]} ${code}\n`);
  }
}

/** stat's %y. The node's number stands for what the clock is too coarse for. */
function stampOf(node: Inode): string {
  const [day = '', clock = ''] = new Date(node.mtimeMs).toISOString().split('T');
  return `${day} ${clock.slice(0, 8)}.${String(node.mtimeMs % 1000).padStart(3, '0')}${String(node.ino % 1_000_000).padStart(6, '0')} +0000`;
}
