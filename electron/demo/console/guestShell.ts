import type { SimDomain } from '../model/domain.ts';
import { end } from '../model/lifecycle.ts';
import type { SimHost } from '../model/simHost.ts';

/** The tiny system behind a guest's login prompt: enough to try a console, not enough to work on. */
interface Login {
  stage: 'name' | 'password' | 'shell';
  user: string;
  line: string;
}

const logins = new WeakMap<SimDomain, Login>();

/** What was typed on a guest's console. Its answers go where all its output goes, so every reader sees them. */
export function type(host: SimHost, domain: SimDomain, keys: string): void {
  if (!domain.runs || domain.bootedAt > host.office.time.now()) return;
  const login = logins.get(domain) ?? { stage: 'name', user: '', line: '' };
  logins.set(domain, login);
  for (const key of keys) {
    if (key === '\r' || key === '\n') enter(host, domain, login);
    else if (key === '\x7f' || key === '\b') erase(domain, login);
    else if (key === '\x03') {
      login.line = '';
      domain.console.write(`^C\r\n${promptOf(domain, login)}`);
    } else if (key >= ' ') {
      login.line += key;
      if (login.stage !== 'password') domain.console.write(key);
    }
  }
}

function erase(domain: SimDomain, login: Login): void {
  if (login.line === '') return;
  login.line = [...login.line].slice(0, -1).join('');
  if (login.stage !== 'password') domain.console.write('\b \b');
}

function enter(host: SimHost, domain: SimDomain, login: Login): void {
  const line = login.line.trim();
  login.line = '';
  let said = '\r\n';
  switch (login.stage) {
    case 'name':
      login.user = line;
      if (line !== '') login.stage = 'password';
      break;
    case 'password':
      login.stage = 'shell';
      said += `Linux ${domain.config.name} 6.1.0-56-cloud-amd64 #1 SMP Debian x86_64\r\n`;
      break;
    case 'shell':
      said += run(host, domain, login, line).replaceAll('\n', '\r\n');
  }
  domain.console.write(said + promptOf(domain, login));
}

function promptOf(domain: SimDomain, login: Login): string {
  const { name } = domain.config;
  if (login.stage === 'name') return `${name} login: `;
  if (login.stage === 'password') return 'Password: ';
  return `${login.user}@${name}:~${login.user === 'root' ? '#' : '$'} `;
}

function run(host: SimHost, domain: SimDomain, login: Login, line: string): string {
  const [word = '', ...rest] = line.split(/\s+/);
  const seconds = Math.floor((host.office.time.now() - domain.createdAt) / 1000);
  switch (word) {
    case '':
      return '';
    case 'help':
      return 'date echo exit free help hostname ip poweroff reboot uname uptime whoami\n';
    case 'date':
      return `${new Date(host.now()).toUTCString()}\n`;
    case 'echo':
      return `${rest.join(' ')}\n`;
    case 'hostname':
      return `${domain.config.name}\n`;
    case 'whoami':
      return `${login.user}\n`;
    case 'uname':
      return `Linux ${domain.config.name} 6.1.0-56-cloud-amd64 x86_64 GNU/Linux\n`;
    case 'uptime':
      return ` up ${Math.floor(seconds / 3600)}:${String(Math.floor(seconds / 60) % 60).padStart(2, '0')}, load average: ${domain.profile.busy.toFixed(2)}\n`;
    case 'free':
      return `        total    used    free\nMem: ${String(domain.memoryMiB).padStart(7)}${String(Math.floor(domain.memoryMiB * 0.4)).padStart(8)}${String(Math.ceil(domain.memoryMiB * 0.6)).padStart(8)}\n`;
    case 'ip':
      return `eth0 UP ${host.office.addressOf(domain) ?? 'no address'}\n`;
    case 'exit':
      login.stage = 'name';
      return '\n';
    case 'poweroff':
    case 'reboot':
      if (login.user !== 'root') return `${word}: must be root\n`;
      host.office.time.after(2_000, () => {
        if (host.domains.get(domain.domid) === domain && domain.runs) end(host, domain, word);
      });
      return 'The system is going down NOW!\n';
    default:
      return `-sh: ${word}: not found\n`;
  }
}
