import type { SimDomain } from '../model/domain.ts';
import type { SimHost } from '../model/simHost.ts';
import { glyph } from './font.ts';

export const width = 640;
export const height = 400;

/** The guest's screen as 32-bit pixels; `mark` changes when the picture does. */
export function drawScreen(host: SimHost, domain: SimDomain, typed: string): { pixels: Buffer; mark: string } {
  const now = host.office.time.now();
  const booting = domain.bootedAt > now;
  const graphical = /windows|ad\b|erp/i.test(domain.config.name);
  const clock = new Date(host.now()).toISOString().slice(11, 16);
  const lines = booting ? bootLines(domain) : graphical ? [] : loginLines(domain, typed);
  const mark = [booting, domain.pauses > 0, clock, typed, lines.length, Math.floor(now / (booting ? 500 : 60_000))].join('|');
  const pixels = Buffer.alloc(width * height * 4);
  const paint = painter(pixels);
  if (graphical && !booting) desktop(paint, domain, clock, typed);
  else for (const [at, line] of lines.entries()) paint.text(8, 8 + at * 16, line, 0xc8c8c8);
  if (domain.pauses > 0) paint.text(width - 80, 8, 'PAUSED', 0xffb000);
  return { pixels, mark };
}

function bootLines(domain: SimDomain): string[] {
  return ['SeaBIOS (version 1.16.2-debian-1.16.2-1)', `Machine UUID ${domain.uuid}`, '', 'Booting from Hard Disk...'];
}

function loginLines(domain: SimDomain, typed: string): string[] {
  return ['Debian GNU/Linux 12', '', `${domain.config.name} login: ${typed}_`];
}

interface Painter {
  box(x: number, y: number, w: number, h: number, colour: number): void;
  text(x: number, y: number, text: string, colour: number): void;
}

function painter(pixels: Buffer): Painter {
  const box = (x: number, y: number, w: number, h: number, colour: number): void => {
    for (let row = Math.max(0, y); row < Math.min(height, y + h); row += 1) {
      for (let column = Math.max(0, x); column < Math.min(width, x + w); column += 1)
        pixels.writeUInt32LE(colour, (row * width + column) * 4);
    }
  };
  return {
    box,
    text(x, y, text, colour) {
      for (const [at, letter] of [...text].entries()) {
        for (const [row, bits] of glyph(letter).entries()) {
          for (let bit = 0; bit < 5; bit += 1) {
            if (bits & (16 >> bit)) box(x + at * 8 + bit, y + row * 2, 1, 2, colour);
          }
        }
      }
    },
  };
}

/** A sign-in screen of a graphical system: a plain field, a window, a bar with the time. */
function desktop(paint: Painter, domain: SimDomain, clock: string, typed: string): void {
  paint.box(0, 0, width, height, 0x1d3a5f);
  paint.box(0, height - 28, width, 28, 0x12233a);
  paint.text(width - 60, height - 22, clock, 0xe0e8f0);
  paint.box(180, 120, 280, 150, 0xf0f2f5);
  paint.box(180, 120, 280, 24, 0x2f6fb0);
  paint.text(192, 124, domain.config.name, 0xffffff);
  paint.text(200, 164, 'USER', 0x303030);
  paint.text(200, 204, 'PASSWORD', 0x303030);
  paint.box(290, 160, 150, 22, 0xffffff);
  paint.box(290, 200, 150, 22, 0xffffff);
  paint.text(296, 164, 'ADMINISTRATOR', 0x202020);
  paint.text(296, 204, '*'.repeat(Math.min(16, typed.length)), 0x202020);
  paint.box(380, 236, 60, 22, 0x2f6fb0);
  paint.text(400, 240, 'OK', 0xffffff);
}
