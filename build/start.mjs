// npm start [-- --demo]: installs and builds what is missing or stale, and opens the program.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { electronProgram, hasDisplay, sandboxState } from './electron.mjs';
import { become, needBuild, needNode, needPackages, root, say } from './ready.mjs';

needNode();
needPackages();
needBuild();
const words = process.argv.slice(2);
if (!hasDisplay()) {
  say('no display here: open this address in a browser / 画面がありません。次のアドレスをブラウザーで開いてください');
  serve({ open: false });
} else {
  const program = electronProgram({ fetch: true });
  const sandbox = program ? sandboxState(program) : null;
  if (!program) {
    say("Electron's program can't be had here: the same program opens in the browser / Electron を取得できないため、ブラウザーで開きます");
    serve({ open: true });
  } else if (sandbox === 'blocked') {
    say(
      'this system lets Chromium have no sandbox: the same program opens in the browser / サンドボックスが使えないため、ブラウザーで開きます',
    );
    serve({ open: true });
  } else {
    if (sandbox === 'root')
      say('as root Chromium refuses its own sandbox: starting without it / root では Chromium のサンドボックスなしで起動します');
    become(program, [root, ...(sandbox === 'root' ? ['--no-sandbox'] : []), ...words]);
  }
}

/** The browser shell; its address is opened, or printed for somebody to open. */
function serve({ open }) {
  const child = spawn(process.execPath, [join(root, 'out/main/server.js'), ...words], { cwd: root, stdio: ['inherit', 'pipe', 'inherit'] });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code) => process.exit(code ?? 1));
  let first = true;
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { address } = JSON.parse(line);
    if (open && first) openBrowser(address);
    else process.stdout.write(`${address}\n`);
    first = false;
  });
}

function openBrowser(address) {
  const [command, ...before] = { win32: ['explorer.exe'], darwin: ['open'] }[process.platform] ?? ['xdg-open'];
  const print = () => process.stdout.write(`${address}\n`);
  const opener = spawn(command, [...before, address], { stdio: 'ignore', detached: true });
  opener.on('error', print);
  // explorer.exe exits with 1 even when it opened the page.
  opener.on('exit', (code) => {
    if (code !== 0 && process.platform !== 'win32') print();
  });
}
