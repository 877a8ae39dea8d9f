import { startDemo } from './demo.ts';

/**
 * Simulated hosts in a process of their own, for the bench: `main HOSTS GUESTS [SPEED]`. Says one JSON line with what an engine
 * needs to reach them (`ports`: address to loopback port), and ends when its standard input does.
 */
const [hosts = '3', guests = '0', speed = '1'] = process.argv.slice(2);
const demo = await startDemo({
  speed: Number(speed),
  ...(Number(guests) > 0 ? { size: { hosts: Number(hosts), guests: Number(guests) } } : {}),
});
const ports = Object.fromEntries(demo.servers.map((one) => [one.host.about.address, one.port]));
process.stdout.write(`${JSON.stringify({ hosts: demo.hosts, ports })}\n`);
process.stdin.resume();
process.stdin.on('end', () => void demo.close().then(() => process.exit(0)));
