import { type ChildProcess, spawn } from 'node:child_process';

/** Runs both halves of copying disks in unit tests: `disks` of a job's folder here, `disks-in` there, and pipes for the link. */
export interface Linked {
  shell: readonly string[];
  /** The job's folder. */
  job: string;
  disksIn: string;
  /** Where the other half's complaints go. */
  errors: string;
  env: NodeJS.ProcessEnv;
  /** Whoever ends early kills these. */
  children: ChildProcess[];
}

/** The job's part: the link as 7 and 8, `disks` as its command, `$cut` the process that is the line. What both outputs said. */
export function runLinked({ shell, job, disksIn, errors, env, children }: Linked, script: string): Promise<string> {
  return new Promise((resolve) => {
    const sh = shell.join(' ');
    const text = `cd '${job}' || exit 1
mkfifo to from line
cat <to >line & cut=$!
${sh} '${disksIn}' <line >from 2>>'${errors}' 7>&- 8>&- &
link=$!
exec 7>to 8<from
disks() { ${sh} ./disks "$@"; }
${script}
exec 7>&- 8<&-
wait $link
echo "receiver $?"`;
    const child = spawn(shell[0] ?? '', [...shell.slice(1), '-c', text], { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    children.push(child);
    let said = '';
    child.stdout.on('data', (bytes) => (said += bytes));
    child.stderr.on('data', (bytes) => (said += bytes));
    child.on('close', () => resolve(said));
  });
}
