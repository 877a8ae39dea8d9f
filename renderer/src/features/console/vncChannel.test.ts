import { describe, expect, it } from 'vitest';
import { byteStream } from '../../../../electron/contract/byteStream.ts';
import { portPair } from '../../../../electron/contract/port.ts';
import { problem } from '../../../../electron/contract/problem.ts';
import { vncChannel } from './vncChannel.ts';

const settle = () => new Promise((done) => setTimeout(done, 0));

describe('the channel noVNC gets', () => {
  it('has every property of its own that noVNC asks for', () => {
    const { channel } = vncChannel(byteStream(portPair()[0]), () => {});
    const asked = ['send', 'close', 'binaryType', 'onerror', 'onmessage', 'onopen', 'protocol', 'readyState'];
    expect(Object.keys(channel)).toEqual(expect.arrayContaining(asked));
    expect(channel.readyState).toBe('open');
  });

  it('carries bytes both ways, views of larger buffers too, and closes once', async () => {
    const [ours, theirs] = portPair();
    const engine = byteStream(ours);
    const heard: number[] = [];
    engine.onBytes((bytes, taken) => {
      heard.push(...bytes);
      taken();
    });
    const last: unknown[] = [];
    const { channel, start } = vncChannel(byteStream(theirs), (why) => last.push(why?.code));
    const got: number[] = [];
    channel.onmessage = ({ data }) => got.push(...new Uint8Array(data));
    channel.onclose = () => last.push('close');
    start();
    channel.send(new Uint8Array([1, 2, 3, 4]).subarray(1, 3));
    engine.send(new Uint8Array([9, 8]));
    await settle();
    expect([heard, got]).toEqual([
      [2, 3],
      [9, 8],
    ]);
    engine.end(problem('console.none', { name: 'web', kind: 'vnc' }));
    await settle();
    channel.close();
    expect(last).toEqual(['console.none', 'close']);
    expect(channel.readyState).toBe('closed');
  });

  it('closes after close() has returned, as noVNC needs', async () => {
    const [ours, theirs] = portPair();
    byteStream(ours);
    const { channel, start } = vncChannel(byteStream(theirs), () => {});
    let said = 0;
    channel.onclose = () => said++;
    start();
    channel.close();
    expect(said).toBe(0);
    await settle();
    expect([said, channel.readyState]).toEqual([1, 'closed']);
  });
});
