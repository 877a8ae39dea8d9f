import fc from 'fast-check';
import { expect, test } from 'vitest';
import { agentTypes, createFrames, framed, identitiesIn, identitiesOf, loginIn, signAskedIn } from './agentWire.ts';
import { wireBytes, wireNumber } from './wire.ts';

const some = (most = 200) => fc.uint8Array({ maxLength: most }).map((bytes) => Buffer.from(bytes));
const message = fc.uint8Array({ minLength: 1, maxLength: 200 }).map((bytes) => Buffer.from(bytes));

/** The bytes in pieces of these sizes, again and again. */
function pieces(all: Buffer, sizes: readonly number[]): Buffer[] {
  const cut: Buffer[] = [];
  for (let at = 0, nth = 0; at < all.length; nth++) {
    const size = sizes[nth % sizes.length] ?? 1;
    cut.push(all.subarray(at, at + size));
    at += size;
  }
  return cut;
}
const sizes = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 5 });

test('messages come out as they were sent, however they are cut on the way', () => {
  fc.assert(
    fc.property(fc.array(message, { maxLength: 8 }), sizes, (sent, cut) => {
      const frames = createFrames();
      const got = pieces(Buffer.concat(sent.map(framed)), cut).flatMap((piece): (Buffer | null)[] => frames.take(piece) ?? [null]);
      expect(got).toEqual(sent);
    }),
  );
});

test('whatever comes is cut the same way in pieces and at once, and after what is no message nothing more is read', () => {
  fc.assert(
    fc.property(some(2000), sizes, (bytes, cut) => {
      const frames = createFrames();
      const got: Buffer[] = [];
      let isBroken = false;
      for (const piece of pieces(bytes, cut)) {
        const whole = frames.take(piece);
        if (isBroken) expect(whole).toBeNull();
        if (whole) got.push(...whole);
        else isBroken = true;
      }
      const used = Buffer.concat(got.map(framed));
      expect(bytes.subarray(0, used.length).equals(used)).toBe(true);
      const rest = bytes.subarray(used.length);
      const next = rest.length >= 4 ? rest.readUInt32BE(0) : null;
      if (!isBroken && next !== null) expect(next).toBeGreaterThan(rest.length - 4);
    }),
  );
});

test.each([0, 256 * 1024 + 1, 0xffffffff])('a length of %i is no message', (length) => {
  const frames = createFrames();
  expect(frames.take(wireNumber(length))).toBeNull();
  expect(frames.take(framed(Buffer.of(agentTypes.identitiesAsked)))).toBeNull();
});

test('keys are read as they were written, and what is cut short or goes on is no answer', () => {
  const identity = fc.record({ key: some(), comment: fc.string({ maxLength: 20 }) });
  fc.assert(
    fc.property(fc.array(identity, { maxLength: 6 }), fc.nat(), (held, at) => {
      const whole = identitiesOf(held);
      expect(identitiesIn(whole)).toEqual(held);
      expect(identitiesIn(whole.subarray(0, at % whole.length))).toBeNull();
      expect(identitiesIn(Buffer.concat([whole, Buffer.of(0)]))).toBeNull();
    }),
  );
});

const loginOf = (to: { user: string; key: Buffer; hostKey: Buffer | null; service?: string }): Buffer =>
  Buffer.concat([
    wireBytes(Buffer.alloc(32, 7)),
    Buffer.of(50),
    wireBytes(to.user),
    wireBytes(to.service ?? 'ssh-connection'),
    wireBytes(to.hostKey ? 'publickey-hostbound-v00@openssh.com' : 'publickey'),
    Buffer.of(1),
    wireBytes('ssh-ed25519'),
    wireBytes(to.key),
    ...(to.hostKey ? [wireBytes(to.hostKey)] : []),
  ]);

test('a login that is to be signed is read whole, or not at all', () => {
  const login = fc.record({ user: fc.string({ maxLength: 20 }), key: some(), hostKey: fc.option(some(), { nil: null }) });
  fc.assert(
    fc.property(login, fc.nat(), fc.nat(), (to, at, flags) => {
      const data = loginOf(to);
      expect(loginIn(data)).toEqual(to);
      expect(loginIn(data.subarray(0, at % data.length))).toBeNull();
      expect(loginIn(Buffer.concat([data, Buffer.of(0)]))).toBeNull();
      const asked = Buffer.concat([Buffer.of(agentTypes.signAsked), wireBytes(to.key), wireBytes(data), wireNumber(flags % 8)]);
      expect(signAskedIn(asked)).toEqual({ key: to.key, data });
      expect(signAskedIn(asked.subarray(0, at % asked.length))).toBeNull();
      expect(signAskedIn(Buffer.concat([asked, Buffer.of(0)]))).toBeNull();
    }),
  );
});

test('another service, and a signature that is no login, are not taken for one', () => {
  const key = Buffer.from('key');
  expect(loginIn(loginOf({ user: 'root', key, hostKey: null, service: 'ssh-userauth' }))).toBeNull();
  expect(loginIn(Buffer.concat([Buffer.from('SSHSIG'), wireBytes('git'), wireBytes(''), wireBytes('sha512'), wireBytes('x')]))).toBeNull();
});

test('nothing that comes is too strange to be read', () => {
  const types = [agentTypes.identities, agentTypes.signAsked];
  fc.assert(
    fc.property(fc.constantFrom(...types), some(400), (type, rest) => {
      const strange = Buffer.concat([Buffer.of(type), rest]);
      const held = identitiesIn(strange);
      if (held) expect(identitiesOf(held).length).toBe(strange.length);
      signAskedIn(strange);
      loginIn(rest);
    }),
  );
});
