import type { Host } from '../../contract/host.ts';
import { problem } from '../../contract/problem.ts';
import text from '../remote/programs/watch.sh?raw';
import type { Program, RemoteStream } from '../remote/remote.ts';
import type { Clock } from '../world.ts';
import { type Domain, readDomains, readLiveDomains, stateOf } from '../xen/domains.ts';
import type { TopLine } from '../xen/xentop.ts';
import { configIndex } from './configIndex.ts';
import { figuresOf, type RatedSample } from './figures.ts';
import { leftoverOf } from './guestsOf.ts';
import { emptyPicture, type Picture } from './picture.ts';
import { type WatchSaid, watchReader } from './watchLines.ts';

export const watchProgram: Program = { name: 'watch', text };

/** A card or disk comes with several events: one look is enough. */
const DEVICE_MS = 300;
/** So many new domains are asked for together. */
const FEW = 3;
/** Samples between two questions about a domain of which xl knows no config (another toolstack's), at last. */
const RAREST = 32;

type Learned = Partial<Pick<Host, 'seenAt' | 'freeMemoryMiB' | 'dom0MemoryMiB' | 'watchProblem'>>;

/** What a watch tells. */
export interface WatchEars {
  picture(picture: Picture): void;
  figures(rated: RatedSample): void;
  learn(what: Learned): void;
  /** A job of any XenFerry came or went there. */
  jobs(): void;
}

/** The engine's end of one host's `watch`: asks for what it lacks and keeps the picture. */
export class HostWatch {
  private readonly stream: RemoteStream;
  private readonly clock: Clock;
  private readonly ears: WatchEars;
  private readonly index: ReturnType<typeof configIndex>;
  private readonly figures: ReturnType<typeof figuresOf>;
  private readonly stopBeating: () => void;
  /** Samples since we asked in vain what a domain runs with, and until we ask again; by domid. */
  private readonly asked = new Map<number, { wait: number; since: number }>();
  private readonly echoes = new Map<string, () => void>();
  private picture: Picture = emptyPicture;
  private listed = false;
  private shown = false;
  private filed = false;
  private whole = false;
  private memorySeen = '';
  private askedFor: string | null = null;
  private nextEcho = 1;
  private beatAt = 0;
  private ended: string | null = null;
  private toldEnd: (stderr: string) => void = () => {};

  constructor(stream: RemoteStream, how: { clock: Clock; autoFolder: string; heartbeatMs: number }, ears: WatchEars) {
    this.stream = stream;
    this.clock = how.clock;
    this.ears = ears;
    this.index = configIndex(how.autoFolder, (path) => this.send(`config ${path}`));
    this.figures = figuresOf(how.clock, {
      sample: (lines, rated) => this.onSample(lines, rated),
      unreadable: (line) => this.unreadable('xentop', line),
    });
    this.stopBeating = how.clock.every(how.heartbeatMs, () => {
      if (how.clock.now() - this.beatAt >= how.heartbeatMs) this.beat();
    });
    stream.onLine(watchReader((said) => this.hear(said)));
    stream.onEnd(({ stderr }) => {
      this.ended = stderr;
      this.over();
      this.toldEnd(stderr);
    });
  }

  /** Called once, when the program has ended by itself. */
  onEnd(told: (stderr: string) => void): void {
    this.toldEnd = told;
    if (this.ended !== null) told(this.ended);
  }

  /** Figures every so many seconds from now on. */
  tick(seconds: number): void {
    this.send(`figures ${seconds}`);
  }
  /** Looks at everything now; resolves when the picture has it, also when the watch ends first. */
  async refresh(): Promise<void> {
    this.send('list');
    this.send('files');
    await this.echo(); // list and files are here, and what they lack has been asked for
    await this.echo();
  }
  stop(): void {
    this.over();
    this.stream.close();
  }

  private beat(): void {
    this.beatAt = this.clock.now();
    this.send('beat');
  }
  private send(line: string): void {
    this.stream.send(`${line}\n`);
  }
  private echo(): Promise<void> {
    return new Promise((done) => {
      if (this.ended !== null) return done();
      const word = String(this.nextEcho++);
      this.echoes.set(word, done);
      this.send(`echo ${word}`);
    });
  }
  private over(): void {
    this.stopBeating();
    this.figures.stop();
    for (const done of this.echoes.values()) done();
    this.echoes.clear();
  }
  private publish(): void {
    // the first word is whole: nobody shall see guests without their configs, or without what they run with
    if (this.listed)
      this.whole ||= this.picture.domains.every((one) => one.domid === 0 || one.state === 'dying' || this.picture.live.has(one.domid));
    if (!this.listed || !this.filed || !this.whole || !this.index.settled()) return;
    this.ears.picture({ ...this.picture, configs: new Map(this.index.configs) });
    // who acts on "seen" (which hosts could be asked whether a guest runs there) must find the guests there
    if (!this.shown) this.ears.learn({ seenAt: this.clock.now() });
    this.shown = true;
  }
  private unreadable(what: string, sample: string): void {
    this.ears.learn({ watchProblem: problem('output.unreadable', { what, sample: sample.slice(0, 400) }) });
  }

  private hear(said: WatchSaid): void {
    switch (said.is) {
      case 'list':
        this.onList(said);
        break;
      case 'live':
        this.onLive(said);
        break;
      case 'info':
        this.onInfo(said.text);
        break;
      case 'files':
        this.index.files(said.files);
        break;
      case 'auto':
        this.index.links(said.links);
        this.filed = true;
        this.publish();
        break;
      case 'config':
        this.index.text(said.path, said.text, said.version);
        this.publish();
        break;
      case 'device':
        this.clock.after(DEVICE_MS, () => {
          if (this.picture.live.has(said.domid)) this.send(`live ${said.domid}`);
        });
        break;
      case 'jobs':
        this.ears.jobs();
        break;
      case 'echo':
        this.echoes.get(said.word)?.();
        this.echoes.delete(said.word);
        break;
      case 'figures':
        this.figures.anew();
        break;
      case 'sample':
        this.figures.begin();
        break;
      case 'top':
        this.figures.line(said.line);
        break;
      case 'problem': {
        const command = said.what === 'xentop' ? 'xentop' : 'xenstore-watch';
        this.ears.learn({ watchProblem: problem('command.failed', { command, exit: null, said: '' }) });
        break;
      }
      case 'unreadable':
        this.unreadable('watch', said.line);
        break;
      case 'hello':
        break;
    }
  }

  private onList(said: { text: string; exit: number }): void {
    if (said.exit !== 0) {
      this.ears.learn({ watchProblem: problem('command.failed', { command: 'xl list', exit: said.exit, said: said.text.slice(0, 400) }) });
      return;
    }
    const read = readDomains(said.text);
    if (read.unreadable === null) this.ears.learn({ watchProblem: null });
    else this.unreadable('xl list', read.unreadable);
    const before = this.picture;
    // a line that can't be read may be any of those missing: they stay as they were
    const kept = read.unreadable === null ? [] : before.domains.filter((one) => !read.domains.some((now) => now.domid === one.domid));
    const domains = [...read.domains, ...kept];
    // a new name, or another state where xl had no answer (it was being built): asked anew
    const same = (one: Domain) =>
      before.domains.some(
        (was) => was.domid === one.domid && was.name === one.name && (was.state === one.state || Boolean(before.live.get(one.domid))),
      );
    const live = new Map(
      domains.flatMap((one) => (same(one) && before.live.has(one.domid) ? [[one.domid, before.live.get(one.domid) ?? null]] : [])),
    );
    const names = new Map(domains.flatMap((one) => (one.uuid ? [[one.uuid, nameKept(one, before)]] : [])));
    this.picture = { ...before, domains, live, names };
    this.listed = true;
    this.askLive(false);
    this.askMemory();
    const dom0MemoryMiB = domains.find((one) => one.domid === 0)?.memoryMiB ?? null;
    this.ears.learn({ ...(this.shown ? { seenAt: this.clock.now() } : {}), dom0MemoryMiB });
    this.publish();
  }

  /** Asks what domains run with that we don't know it of. xl has no answer while one is being built: it is asked again, ever more rarely. */
  private askLive(again: boolean): void {
    const { domains, live } = this.picture;
    const lacking = domains.flatMap(({ domid, name, state }) => {
      if (domid === 0 || state === 'dying' || live.get(domid)) return [];
      const before = live.has(domid) ? this.asked.get(domid) : undefined;
      if (!before) {
        if (again) return []; // its answer is on the way
        this.asked.set(domid, { wait: 1, since: 0 });
        return [domid];
      }
      if (leftoverOf(name) !== null || !again) return []; // a half of a migration has none until it gets its name
      before.since++;
      if (before.since < before.wait) return [];
      this.asked.set(domid, { wait: Math.min(before.wait * 2, RAREST), since: 0 });
      return [domid];
    });
    for (const domid of this.asked.keys()) if (!domains.some((one) => one.domid === domid)) this.asked.delete(domid);
    if (lacking.length > 0) this.send(`live ${lacking.length > FEW ? 'all' : lacking.join(' ')}`);
  }

  private askMemory(): void {
    const memory = this.picture.domains.map((one) => `${one.domid}:${one.memoryMiB}`).join(' ');
    if (memory !== this.memorySeen) this.send('info');
    this.memorySeen = memory;
  }

  private onLive(said: { of: string; text: string; exit: number }): void {
    const read = said.exit === 0 ? readLiveDomains(said.text) : [];
    if (!read) this.unreadable('xl list -l', said.text);
    const found = new Map((read ?? []).map((one) => [one.domid, one]));
    const live = new Map(this.picture.live);
    for (const { domid } of this.picture.domains) {
      if (said.of === 'all' || Number(said.of) === domid) live.set(domid, found.get(domid) ?? null);
    }
    this.picture = { ...this.picture, live };
    this.publish();
  }

  private onInfo(text: string): void {
    const free = /^free_memory +: (\d+)$/m.exec(text)?.[1];
    if (free === undefined) this.unreadable('xl info', text);
    else this.ears.learn({ freeMemoryMiB: Number(free) });
  }

  private onSample(lines: readonly TopLine[], rated: RatedSample | null): void {
    const found = this.listed ? disagreement(lines, this.picture) : null;
    // once for each thing they see differently: what goes on to differ is not asked for ever
    if (found !== null && found !== this.askedFor) this.send('list');
    this.askedFor = found;
    this.askLive(true);
    this.beat(); // the host's clock for looking at its config files
    if (rated) this.ears.figures(rated);
  }
}

const nameKept = (domain: Domain, picture: Picture): string =>
  domain.name === '(null)' ? ((domain.uuid && picture.names.get(domain.uuid)) ?? domain.name) : domain.name;

/**
 * What xentop and the last list see differently, as one text; null: nothing. A pause fires no event: this is how it is found.
 * xentop leaves out dying domains.
 */
function disagreement(lines: readonly TopLine[], picture: Picture): string | null {
  const states = new Map(lines.map((line) => [line.name, stateOf(line)]));
  const found: string[] = [];
  for (const domain of picture.domains) {
    if (domain.domid === 0 || domain.state === 'dying') continue;
    const state = states.get(domain.name);
    if (state !== domain.state) found.push(`${domain.domid} ${state ?? 'gone'}`);
    states.delete(domain.name);
  }
  states.delete('Domain-0');
  for (const [name, state] of states)
    if (state !== 'dying' && !picture.domains.some((one) => one.name === name)) found.push(`${name} ${state}`);
  return found.length > 0 ? found.sort().join('; ') : null;
}
