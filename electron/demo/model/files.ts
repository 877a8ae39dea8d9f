/** A file, folder, link or device of a simulated host. Only text has content; images have a size. */
export interface Inode {
  kind: 'file' | 'directory' | 'link';
  text: string;
  sizeBytes: number;
  /** What a guest sees of a qcow2 image; 0: the same as its size. */
  virtualBytes: number;
  mode: number;
  mtimeMs: number;
  /** Where a link points. */
  target: string;
  ino: number;
}

/** One file system: a host's own disk, or an export that several hosts mount. */
export class FileTree {
  readonly nodes = new Map<string, Inode>();
  readonly fsType: string;
  /** What `df` shows as its source. */
  readonly source: string;
  readonly fsid: string;
  totalMiB: number;
  private nextIno = 100;
  constructor(about: { fsType: string; source: string; fsid: string; totalMiB: number }) {
    this.fsType = about.fsType;
    this.source = about.source;
    this.fsid = about.fsid;
    this.totalMiB = about.totalMiB;
    this.nodes.set('', this.inode('directory', 0));
  }
  inode(kind: Inode['kind'], mtimeMs: number): Inode {
    this.nextIno += 1;
    return {
      kind,
      text: '',
      sizeBytes: 0,
      virtualBytes: 0,
      mode: kind === 'directory' ? 0o755 : 0o644,
      mtimeMs,
      target: '',
      ino: this.nextIno,
    };
  }
  usedMiB(): number {
    let bytes = 0;
    for (const node of this.nodes.values()) bytes += node.sizeBytes;
    return Math.ceil(bytes / 1048576);
  }
}

export interface Mount {
  path: string;
  tree: FileTree;
}

/** Thrown as a shell command would say it: "No such file or directory". */
export class FileError extends Error {}

/** The files of one host: its mounts, as the kernel joins them. Paths are absolute. */
export class HostFiles {
  readonly mounts: Mount[];
  private readonly now: () => number;
  constructor(mounts: Mount[], now: () => number) {
    this.mounts = [...mounts].sort((a, b) => b.path.length - a.path.length);
    this.now = now;
  }
  mountOf(path: string): Mount {
    const found = this.mounts.find((one) => one.path === '/' || path === one.path || path.startsWith(`${one.path}/`));
    if (!found) throw new FileError('No such file or directory');
    return found;
  }
  private place(path: string): { tree: FileTree; key: string } {
    const clean = normal(path);
    const mount = this.mountOf(clean);
    const key = mount.path === '/' ? clean.slice(1) : clean.slice(mount.path.length + 1);
    return { tree: mount.tree, key };
  }
  /** The node itself, links not followed; null where there is none. */
  lstat(path: string): Inode | null {
    const { tree, key } = this.place(path);
    return tree.nodes.get(key) ?? null;
  }
  stat(path: string, hops = 0): Inode | null {
    const node = this.lstat(path);
    if (node?.kind !== 'link') return node;
    return hops > 8 ? null : this.stat(linkTarget(path, node), hops + 1);
  }
  read(path: string): string {
    const node = this.stat(path);
    if (!node) throw new FileError('No such file or directory');
    if (node.kind === 'directory') throw new FileError('Is a directory');
    return node.text;
  }
  write(path: string, text: string, mode = 0o644): Inode {
    const node = this.make(path, 'file');
    node.text = text;
    node.sizeBytes = Buffer.byteLength(text);
    node.mode = mode;
    return node;
  }
  /** A file without content that takes room: an image. */
  allot(path: string, sizeBytes: number): Inode {
    const node = this.make(path, 'file');
    node.sizeBytes = sizeBytes;
    return node;
  }
  link(target: string, path: string): void {
    const node = this.make(path, 'link');
    node.target = target;
  }
  mkdir(path: string): void {
    const parts = normal(path).split('/').filter(Boolean);
    for (let count = 1; count <= parts.length; count += 1) {
      const { tree, key } = this.place(`/${parts.slice(0, count).join('/')}`);
      if (!tree.nodes.has(key)) tree.nodes.set(key, tree.inode('directory', this.now()));
    }
    this.touchParent(path);
  }
  private make(path: string, kind: Inode['kind']): Inode {
    const { tree, key } = this.place(path);
    if (!this.stat(parentOf(path))) this.mkdir(parentOf(path));
    const made = tree.inode(kind, this.now());
    tree.nodes.set(key, made);
    this.touchParent(path);
    return made;
  }
  private touchParent(path: string): void {
    const parent = this.stat(parentOf(path));
    if (parent) parent.mtimeMs = this.now();
  }
  /** Moves within the host; a folder goes with all that is in it. */
  rename(from: string, to: string): void {
    const node = this.lstat(from);
    if (!node) throw new FileError('No such file or directory');
    const below = this.below(from).map((path) => ({ path, node: this.lstat(path) }));
    this.remove(from);
    if (!this.stat(parentOf(to))) this.mkdir(parentOf(to));
    for (const one of [{ path: normal(from), node }, ...below]) {
      const { tree, key } = this.place(normal(to) + one.path.slice(normal(from).length));
      if (one.node) tree.nodes.set(key, one.node);
    }
    this.touchParent(to);
  }
  /** Takes a node away, and everything below it. */
  remove(path: string): void {
    const { tree, key } = this.place(path);
    for (const name of [...tree.nodes.keys()]) if (name === key || name.startsWith(`${key}/`)) tree.nodes.delete(name);
    this.touchParent(path);
  }
  /** Names in a folder, sorted; null where it is no folder. */
  list(path: string): string[] | null {
    if (this.stat(path)?.kind !== 'directory') return null;
    const depth = normal(path) === '/' ? 1 : normal(path).length + 1;
    const names = this.below(path).map((one) => one.slice(depth));
    return names.filter((name) => name !== '' && !name.includes('/')).sort();
  }
  /** All paths below a folder of the same file system. */
  below(path: string): string[] {
    const { tree, key } = this.place(path);
    const mount = this.mountOf(normal(path));
    const base = mount.path === '/' ? '/' : `${mount.path}/`;
    return [...tree.nodes.keys()].filter((name) => name !== '' && (key === '' || name.startsWith(`${key}/`))).map((name) => base + name);
  }
}

export function parentOf(path: string): string {
  const clean = normal(path);
  return clean.slice(0, clean.lastIndexOf('/')) || '/';
}
function linkTarget(path: string, node: Inode): string {
  return node.target.startsWith('/') ? node.target : normal(`${parentOf(path)}/${node.target}`);
}
function normal(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}
