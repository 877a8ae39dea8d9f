import type { Handlers } from '../contract/api.ts';
import type { Demo } from './demo.ts';

/** Adds the demo's hosts through the contract, as an operator would who knows their fingerprints. Those that are there already stay. */
export async function addDemoHosts(engine: { handlers: Pick<Handlers, 'host.add' | 'host.watch'> }, demo: Demo): Promise<void> {
  const there = new Set<string>();
  engine.handlers['host.watch']({}, (change) => {
    if (change.is === 'all') for (const one of change.items) there.add(one.address);
  })();
  const signal = new AbortController().signal;
  await Promise.all(
    demo.hosts
      .filter((one) => !there.has(one.address))
      .map((one) =>
        engine.handlers['host.add'](
          {
            host: {
              label: one.label,
              address: one.address,
              port: one.port,
              user: one.user,
              auth: { by: 'password', password: one.password },
              tags: one.tags,
              jump: null,
              remember: false,
            },
            accept: one.hostKeyFingerprint,
          },
          signal,
        ),
      ),
  );
}
