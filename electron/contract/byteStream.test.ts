import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ByteStream, byteStream } from './byteStream.ts';
import { FIRST_CREDIT, type Port, portPair } from './port.ts';
import { problem } from './problem.ts';

const settle = () => new Promise((done) => setTimeout(done, 0));

/** Counts what passes, and what the receiver has granted so far. */
function counted(port: Port, count: { sent: number; granted: number }): Port {
  return {
    ...port,
    post(message) {
      if (message instanceof Uint8Array) count.sent += message.length;
      port.post(message);
    },
    listen(heard) {
      port.listen((message) => {
        if (typeof message === 'object' && message !== null && 'credit' in message) count.granted += Number(message.credit);
        heard(message);
      });
    },
    onClose: (closed) => port.onClose(closed),
    close: () => port.close(),
  };
}

describe('a byte stream', () => {
  it('hands over every byte in order, and never more than the other end has room for', async () => {
    const steps = fc.array(fc.oneof(fc.record({ send: fc.integer({ min: 1, max: FIRST_CREDIT * 2 }) }), fc.record({ take: fc.nat(5) })), {
      maxLength: 20,
    });
    await fc.assert(
      fc.asyncProperty(steps, async (plan) => {
        const [left, right] = portPair();
        const count = { sent: 0, granted: FIRST_CREDIT };
        const sender = byteStream(counted(left, count));
        sender.onBytes(() => {});
        const receiver = byteStream(right);
        const untaken: (() => void)[] = [];
        let received = 0;
        receiver.onBytes((bytes, taken) => {
          for (const byte of bytes.subarray(0, 1)) expect(byte).toBe(received % 251);
          received += bytes.length;
          untaken.push(taken);
        });
        let sent = 0;
        for (const step of plan) {
          if ('send' in step) {
            sender.send(Uint8Array.from({ length: step.send }, (_, at) => (sent + at) % 251));
            sent += step.send;
          } else for (const taken of untaken.splice(0, step.take)) taken();
          await settle();
          expect(count.sent).toBeLessThanOrEqual(count.granted);
          expect(count.sent + sender.waiting()).toBe(sent);
        }
        while (untaken.length > 0) {
          for (const taken of untaken.splice(0)) taken();
          await settle();
        }
        expect(received).toBe(sent);
        expect(sender.waiting()).toBe(0);
      }),
      { numRuns: 30 },
    );
  });

  it('says when there is room again, and taking twice grants once', async () => {
    const [left, right] = portPair();
    const sender = byteStream(left);
    const receiver: ByteStream = byteStream(right);
    let room = 0;
    sender.onBytes(() => {});
    sender.onRoom(() => room++);
    sender.send(new Uint8Array(FIRST_CREDIT));
    expect([room, sender.waiting()]).toEqual([1, 0]);
    sender.send(new Uint8Array(FIRST_CREDIT + 1));
    const untaken: (() => void)[] = [];
    receiver.onBytes((_bytes, taken) => untaken.push(taken));
    await settle();
    untaken[0]?.();
    untaken[0]?.();
    await settle();
    await settle();
    expect([room, sender.waiting()]).toEqual([1, 1]);
  });

  it('carries where a console stands, and its last word', async () => {
    const [left, right] = portPair();
    const heard: unknown[] = [];
    const engine = byteStream(left);
    const page = byteStream(right);
    page.onPlace((at, hostId) => heard.push([at, hostId]));
    page.onEnd((why) => heard.push(why?.code));
    page.onBytes(() => {});
    engine.place('waiting', 'h1');
    engine.end(problem('console.busy', { name: 'web' }));
    engine.send(new Uint8Array(1));
    await settle();
    expect(heard).toEqual([['waiting', 'h1'], 'console.busy']);
  });
});
