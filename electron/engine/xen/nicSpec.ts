import type { Nic } from '../../contract/guest.ts';

/** Reads one entry of `vif=[…]`: `mac=…,bridge=…`. Keys we don't know are left alone; '' is a card with xl's own defaults. */
export function readNic(spec: string): Nic {
  const nic: Nic = { mac: null, bridge: null, model: null, ip: null };
  for (const word of spec.split(',')) {
    const at = word.indexOf('=');
    const value = word.slice(at + 1).trim();
    if (at < 0 || value === '') continue;
    const name = word.slice(0, at).trim();
    if (name === 'mac') nic.mac = value.toLowerCase();
    else if (name === 'bridge') nic.bridge = value;
    else if (name === 'model') nic.model = value;
    else if (name === 'ip') nic.ip = value;
  }
  return nic;
}
