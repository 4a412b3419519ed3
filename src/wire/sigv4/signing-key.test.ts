import { describe, expect, it } from 'vitest';
import { credentialText, SigningKeyCache } from './signing-key.ts';

const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';

describe('signing keys', () => {
  const scope = { date: '20260523', region: 'us-east-1', service: 'sts' };

  it('are kept, and dropped when the least recently used must make room', () => {
    const cache = new SigningKeyCache(2);
    const first = cache.signingKey(credentialText('A', scope), SECRET, scope);
    const second = cache.signingKey(credentialText('B', scope), SECRET, scope);
    expect(cache.signingKey(credentialText('A', scope), SECRET, scope)).toBe(first);
    cache.signingKey(credentialText('C', scope), SECRET, scope);
    expect(cache.signingKey(credentialText('A', scope), SECRET, scope)).toBe(first);
    expect(cache.signingKey(credentialText('B', scope), SECRET, scope)).not.toBe(second);
  });

  it('of sessions never make room by those of long-term keys', () => {
    const cache = new SigningKeyCache(2, 2);
    const longTerm = cache.signingKey(credentialText('AKIA1', scope), SECRET, scope);
    const session = cache.signingKey(credentialText('ASIA0', scope), SECRET, scope);
    for (let index = 1; index < 10; index++) cache.signingKey(credentialText(`ASIA${index}`, scope), SECRET, scope);
    expect(cache.signingKey(credentialText('AKIA1', scope), SECRET, scope)).toBe(longTerm);
    expect(cache.signingKey(credentialText('ASIA0', scope), SECRET, scope)).not.toBe(session);
  });

  it('are not kept past a change of the secret', () => {
    const cache = new SigningKeyCache();
    const key = cache.signingKey(credentialText('A', scope), SECRET, scope);
    const rotated = cache.signingKey(credentialText('A', scope), 'rotated', scope);
    expect(rotated.digest('')).not.toEqual(key.digest(''));
    expect(cache.signingKey(credentialText('A', scope), SECRET, scope).digest('')).toEqual(key.digest(''));
  });

  it('differ by day, region and service', () => {
    const cache = new SigningKeyCache();
    const scopes = [
      scope,
      { ...scope, date: '20260524' },
      { ...scope, region: 'eu-west-1' },
      { ...scope, service: 'iam' },
    ];
    const keys = scopes.map((each) => cache.signingKey(credentialText('A', each), SECRET, each).digest(''));
    expect(new Set(keys).size).toBe(4);
  });
});
