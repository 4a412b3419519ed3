import { describe, expect, it } from 'vitest';
import { SigningKeyCache } from './signing-key.ts';

const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';

describe('signing keys', () => {
  const scope = { date: '20260523', region: 'us-east-1', service: 'sts' };

  it('are kept, and dropped when the least recently used must make room', () => {
    const cache = new SigningKeyCache(2);
    const first = cache.signingKey('A', SECRET, scope);
    const second = cache.signingKey('B', SECRET, scope);
    expect(cache.signingKey('A', SECRET, scope)).toBe(first);
    cache.signingKey('C', SECRET, scope);
    expect(cache.signingKey('A', SECRET, scope)).toBe(first);
    expect(cache.signingKey('B', SECRET, scope)).not.toBe(second);
  });

  it('of sessions never make room by those of long-term keys', () => {
    const cache = new SigningKeyCache(2, 2);
    const longTerm = cache.signingKey('AKIA1', SECRET, scope);
    const session = cache.signingKey('ASIA0', SECRET, scope);
    for (let index = 1; index < 10; index++) cache.signingKey(`ASIA${index}`, SECRET, scope);
    expect(cache.signingKey('AKIA1', SECRET, scope)).toBe(longTerm);
    expect(cache.signingKey('ASIA0', SECRET, scope)).not.toBe(session);
  });

  it('are not kept past a change of the secret', () => {
    const cache = new SigningKeyCache();
    const key = cache.signingKey('A', SECRET, scope);
    const rotated = cache.signingKey('A', 'rotated', scope);
    expect(rotated.digest('')).not.toEqual(key.digest(''));
    expect(cache.signingKey('A', SECRET, scope).digest('')).toEqual(key.digest(''));
  });

  it('differ by day, region and service', () => {
    const cache = new SigningKeyCache();
    const scopes = [
      scope,
      { ...scope, date: '20260524' },
      { ...scope, region: 'eu-west-1' },
      { ...scope, service: 'iam' },
    ];
    const keys = scopes.map((each) => cache.signingKey('A', SECRET, each).digest(''));
    expect(new Set(keys).size).toBe(4);
  });
});
