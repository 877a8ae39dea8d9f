import type { Duplex } from 'node:stream';
import type { SimDomain } from '../model/domain.ts';
import type { SimHost } from '../model/simHost.ts';
import { drawScreen, height, width } from './screen.ts';

/** RFB 3.8, raw encoding only: enough of a VNC server to draw a guest's screen and hear keys. */
export function serveRfb(host: SimHost, domain: SimDomain, stream: Duplex): void {
  let stage: 'version' | 'security' | 'init' | 'talk' = 'version';
  let kept = Buffer.alloc(0);
  let typed = '';
  let asked = false;
  let drawn = '';
  let bytesPerPixel = 4;
  const alive = (): boolean => host.domains.get(domain.domid) === domain && !domain.dying && !host.dead;
  const draw = (whole: boolean): void => {
    const screen = drawScreen(host, domain, typed);
    if (!asked || (!whole && screen.mark === drawn) || bytesPerPixel !== 4) return;
    drawn = screen.mark;
    asked = false;
    const head = Buffer.alloc(16);
    head.writeUInt16BE(1, 2);
    head.writeUInt16BE(width, 8);
    head.writeUInt16BE(height, 10);
    stream.write(Buffer.concat([head, screen.pixels]));
  };
  const undo = host.office.time.every(500, () => {
    if (alive()) draw(false);
    else stream.end();
  });
  stream.on('close', undo);
  stream.on('error', undo);
  stream.on('end', () => stream.end());
  stream.write('RFB 003.008\n');
  stream.on('data', (chunk: Buffer) => {
    kept = Buffer.concat([kept, chunk]);
    while (take()) {
      // every whole message
    }
  });

  function take(): boolean {
    const length = needed();
    if (kept.length === 0 || kept.length < length) return false;
    const message = kept.subarray(0, length);
    kept = kept.subarray(length);
    if (stage === 'version') {
      stage = 'security';
      stream.write(Buffer.from([1, 1]));
    } else if (stage === 'security') {
      stage = 'init';
      stream.write(Buffer.alloc(4));
    } else if (stage === 'init') {
      stage = 'talk';
      stream.write(serverInit(domain.config.name));
    } else hear(message);
    return true;
  }
  function needed(): number {
    if (stage === 'version') return 12;
    if (stage !== 'talk') return 1;
    const kind = kept[0];
    if (kind === 0) return 20;
    if (kind === 2) return kept.length < 4 ? 4 : 4 + 4 * kept.readUInt16BE(2);
    if (kind === 3) return 10;
    if (kind === 4) return 8;
    if (kind === 5) return 6;
    return kept.length < 8 ? 8 : 8 + Math.abs(kept.readInt32BE(4));
  }
  function hear(message: Buffer): void {
    if (message[0] === 0) bytesPerPixel = (message[4] ?? 32) / 8;
    if (message[0] === 3) {
      asked = true;
      draw(message[1] === 0);
    }
    if (message[0] === 4 && message[1] === 1) {
      const key = message.readUInt32BE(4);
      if (key === 0xff0d) typed = '';
      else if (key === 0xff08) typed = typed.slice(0, -1);
      else if (key >= 32 && key < 127) typed = (typed + String.fromCharCode(key)).slice(-40);
      draw(false);
    }
  }
}

function serverInit(name: string): Buffer {
  const text = Buffer.from(`QEMU (${name})`);
  const head = Buffer.alloc(24);
  head.writeUInt16BE(width, 0);
  head.writeUInt16BE(height, 2);
  // 32 bits, depth 24, little endian, true colour, 8 bits each, red at 16, green at 8, blue at 0
  head.set([32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0], 4);
  head.writeUInt32BE(text.length, 20);
  return Buffer.concat([head, text]);
}
