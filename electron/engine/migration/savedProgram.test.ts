import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { shells } from '../remote/programTest.ts';
import { stoppedWorld, text, uuid } from './stoppedTest.ts';

/** A guest that is saved and restored: `xl save -p` leaves its domain paused here, so that it goes on wherever the move ends. */
describe.each(shells.map((words) => ({ name: words.join(' '), words })))('saved and restored under $name', ({ words }) => {
  const { at, job, incoming, config, there, standIn, run, phase, asked, end, drop, dieAt, staysHere } = stoppedWorld(words);
  /** What its memory is made of: no whole sectors. */
  const memory = 'm'.repeat(1_200_001);
  const state = () => (existsSync(at('domain')) ? readFileSync(at('domain'), 'utf8').trim() : 'gone');
  const name = () => readFileSync(at('called'), 'utf8').trim();
  /** xl over one domain at each end. `more`: what it does besides, by its verb. */
  const xl = (more = '') =>
    standIn(
      'xl',
      `echo "$@" >>'${at('xl')}'
      case $1 in ${more} esac
      case $1 in
        save) cat '${at('memory')}' >"$4"; echo --p--- >'${at('domain')}' ;;
        list) echo "$2 80 1 $(cat '${at('domain')}') 1.0" ;;
        rename) echo "$3" >'${at('called')}' ;;
        unpause) echo -b---- >'${at('domain')}' ;;
        destroy) rm '${at('domain')}' ;;
        restore) for last; do :; done; head -c 1200001 "$last" | cmp -s - '${at('memory')}' || exit 9; : >'${at('domain-there')}' ;;
      esac`,
    );
  const saved = () => run('5', '300', 'save');
  const done = () => asked().filter((one) => !one.startsWith('list'));
  beforeEach(() => {
    writeFileSync(at('memory'), memory);
    writeFileSync(at('domain'), '-b----\n');
    writeFileSync(at('called'), 'web\n');
    writeFileSync(incoming('disks'), `0\traw\t${at('there/a.img')}\n1\traw\t./memory\n`);
    const which = `case $XENFERRY_ROOT in */target) domain='${at('domain-there')}' called=web ;; *) domain='${at('domain')}' called=$(cat '${at('called')}') ;; esac`;
    standIn('xenstore-list', `${which}; echo 0; [ ! -e "$domain" ] || echo 5`);
    standIn('xenstore-read', `${which}; case $1 in */5/vm) echo /vm/${uuid} ;; */5/name) echo "$called" ;; *) exit 1 ;; esac`);
    mkdirSync(at('source/locks'));
    xl();
  });
  /** It runs on here as if nothing had been, and nothing of its memory lies about. */
  const goesOnHere = () => {
    expect([state(), name()]).toEqual(['-b----', 'web']);
    expect([existsSync(job('memory')), existsSync(job('saving'))]).toEqual([false, false]);
    staysHere();
    expect(existsSync(incoming('memory'))).toBe(false);
  };

  it('its memory goes with its disks, it is restored there as it was saved, and only then it goes from here', () => {
    const disk = readFileSync(at('images/a.img'));
    const ran = saved();
    expect([phase(), ran.status]).toEqual(['moved', 0]);
    expect(done()).toEqual(['save -p 5 memory', 'rename 5 web--migratedaway', `restore ${incoming('memory')}`, 'destroy 5']);
    expect(readFileSync(at('there/a.img')).equals(disk)).toBe(true);
    expect(readFileSync(there(), 'utf8')).toBe(text);
    expect(ran.stdout).toMatch(/^stopped for \d+$/m);
    expect([existsSync(job('memory')), existsSync(job('saving')), existsSync(incoming('memory'))]).toEqual([false, false, false]);
    const trash = readFileSync(at('source/trash/m1/manifest'), 'utf8');
    expect(trash).toContain('a.img');
    expect(trash).not.toContain('memory');
  });

  it('where its disks stand elsewhere there it is restored by its config there', () => {
    writeFileSync(job('config.target'), text);
    saved();
    expect(phase()).toBe('moved');
    expect(done()).toContain(`restore ${there()} ${incoming('memory')}`);
  });

  it('with disks that both hosts see only its memory goes', () => {
    writeFileSync(job('disks.list'), '');
    writeFileSync(incoming('disks'), '0\traw\t./memory\n');
    saved();
    expect([phase(), state(), existsSync(at('domain-there'))]).toEqual(['moved', 'gone', true]);
    expect(existsSync(at('images/a.img'))).toBe(true);
  });

  it('one that can not be restored there goes on here, where it stood', () => {
    xl(`restore) echo 'no memory' >&2; exit 1 ;;`);
    const ran = saved();
    expect(phase()).toBe('stayed');
    expect(ran.stdout).toContain('disks failed returned no memory');
    expect(done().slice(-2)).toEqual(['rename 5 web', 'unpause 5']);
    goesOnHere();
  });

  it('one that can not be saved runs on, and nothing goes', () => {
    xl(`save) echo 'xc: error: Save failed (28 = No space left on device)' >&2; exit 1 ;;`);
    const ran = saved();
    expect(phase()).toBe('stayed');
    expect(ran.stderr).toContain('No space left');
    expect(done()).toEqual(['save -p 5 memory']);
    goesOnHere();
  });

  it('one that xl leaves suspended is for whoever looks at both ends', () => {
    xl(`save) echo ---ss- >'${at('domain')}'; exit 1 ;;`);
    saved();
    expect([phase(), existsSync(job('saving'))]).toEqual(['undecided', true]);
  });

  it('one of which xl can not say how it stands is for whoever looks at both ends', () => {
    xl('list) exit 1 ;;');
    saved();
    expect([phase(), existsSync(job('saving')), existsSync(there())]).toEqual(['undecided', true, false]);
  });

  it('cancelled while it is saved: it goes on', () => {
    xl(`save) : >cancel ;;`);
    saved();
    expect(phase()).toBe('cancelled');
    goesOnHere();
  });

  it('a copy that fails: it goes on', () => {
    mkdirSync(at('there/a.img'));
    saved();
    expect(phase()).toBe('stayed');
    rmSync(at('there/a.img'), { recursive: true });
    goesOnHere();
  });

  it.each([
    ['let go on by hand', '-b----'],
    ['taken away by hand', null],
  ])('one that is %s while its disks are copied stays here as it is', (_what, becomes) => {
    const real = spawnSync('sh', ['-c', 'command -v sha256sum'], { encoding: 'utf8' }).stdout.trim();
    const change = becomes === null ? `rm -f '${at('domain')}'` : `echo '${becomes}' >'${at('domain')}'`;
    standIn('sha256sum', `${change}; exec ${real}`);
    saved();
    expect(existsSync(job('committed'))).toBe(false);
    expect(state()).toBe(becomes ?? 'gone');
    expect(done()).toEqual(['save -p 5 memory']);
    expect(existsSync(there())).toBe(false);
  });

  it('a config that is changed while it is copied keeps it here', () => {
    const real = spawnSync('sh', ['-c', 'command -v sha256sum'], { encoding: 'utf8' }).stdout.trim();
    standIn('sha256sum', `echo 'memory = 5' >>'${config()}'; exec ${real}`);
    saved();
    expect(phase()).toBe('changed');
    writeFileSync(config(), text);
    goesOnHere();
  });

  /** What the settling desktop does at the source, and what it is told. */
  const resume = () => end('source', 'resume', uuid, 'web');

  it.each([
    ['while its disks are copied', 'dd', '[ -e memory ] && [ "$(cat \'%domain%\')" = --p--- ]'],
    ['as soon as the decision was written', 'sync', "[ -e committed ] && [ -e '%config%' ]"],
    ['when it was called away', 'xl', '[ "$1" = rename ]'],
  ])('cut off %s: it stands paused, is told of, and goes on here', (_when, command, when) => {
    if (command === 'xl') {
      xl(`rename) for pid in $(cat '${job('shell')}' '${job('stop')}' | cut -d ' ' -f 1); do kill -9 "$pid"; done ;;`);
    } else dieAt(command, when.replace('%domain%', at('domain')).replace('%config%', config()));
    saved();
    if (command !== 'xl') rmSync(at('bin', command));
    xl();
    expect(end('source', 'look', uuid)).toMatch(/^domain 5 --p--- web(--migratedaway)?$[\s\S]*^saving$/m);
    for (let tries = 0; tries < 50 && drop() !== 'ok\n'; tries++) spawnSync('sleep', ['0.1']);
    expect(end('source', 'aside', 'back')).toBe('ok\n');
    expect(resume()).toBe('resumed\nok\n');
    expect(end('source', 'aside', 'stayed')).toBe('ok\n');
    goesOnHere();
  });

  it('a domain that somebody paused is not let go on by a move that had not saved it', () => {
    writeFileSync(at('domain'), '--p---\n');
    expect(resume()).toBe('failed running\n');
  });

  it('while its xl still saves it, whoever looks is told so', () => {
    const dies = `exec >/dev/null 2>&1; kill -9 "$(cat '${job('shell')}')"`;
    xl(`save) ${dies}; while [ ! -e '${at('enough')}' ]; do sleep 0.1; done ;;`);
    saved();
    expect(end('source', 'look', uuid)).toMatch(/^saving now$/m);
    writeFileSync(at('enough'), '');
    for (let tries = 0; tries < 50 && state() !== '--p---'; tries++) spawnSync('sleep', ['0.1']);
    spawnSync('sleep', ['0.3']);
    expect(end('source', 'look', uuid)).toMatch(/^saving$/m);
    expect(statSync(job('memory')).size).toBe(memory.length);
  });
});
