import { utils } from 'ssh2';
import { expect, test } from 'vitest';
import { newKeyPair } from './keyPair.ts';

test('every pair can be read back, which ssh2 alone does not grant', () => {
  for (let nth = 0; nth < 600; nth++) {
    const pair = newKeyPair();
    expect(utils.parseKey(pair.public)).not.toBeInstanceOf(Error);
    expect(utils.parseKey(pair.private)).not.toBeInstanceOf(Error);
  }
});
