import { describe, expect, it } from 'vitest';
import { MasterKeySecretBox } from '../adapters/master-key-secret-box.ts';
import type { SecretBox } from '../kernel/secret-box.ts';
import { type Session, SessionTokens } from './session-token.ts';

const SESSION: Session = {
  accessKeyId: 'ASIAEXAMPLEEXAMPLE00',
  secretAccessKey: 'secret',
  kind: 'assumed-role',
  accountId: '123456789012',
  principalId: 'AROAEXAMPLE',
  sessionName: 'session',
  issuedBy: 'AssumeRole',
  issuedAtMs: 1000,
  expiresAtMs: 2000,
  sessionTags: new Map([
    ['__proto__', 'x'],
    ['team', 'é'],
  ]),
  transitiveTagKeys: ['team'],
  sourceIdentity: 'alice',
  policy: '{}',
  policyArns: ['arn:aws:iam::aws:policy/ReadOnlyAccess'],
};

const box = new MasterKeySecretBox(Buffer.alloc(32, 1));

/** Counts how often something is really opened. */
function counted(inner: SecretBox): SecretBox & { opened: number } {
  return {
    opened: 0,
    seal: (purpose, text) => inner.seal(purpose, text),
    open(purpose, sealed) {
      this.opened++;
      return inner.open(purpose, sealed);
    },
  };
}

describe('SessionTokens', () => {
  it('opens on every node that has the master key, and on no other', () => {
    const token = new SessionTokens(box).issue(SESSION);
    expect(new SessionTokens(new MasterKeySecretBox(Buffer.alloc(32, 1))).open(token)).toEqual(SESSION);
    expect(new SessionTokens(new MasterKeySecretBox(Buffer.alloc(32, 2))).open(token)).toBeUndefined();
  });

  it('opens no token of which any character was changed', () => {
    const tokens = new SessionTokens(box);
    const token = tokens.issue(SESSION);
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    for (let n = 0; n < token.length; n++) {
      const other = alphabet[(alphabet.indexOf(token[n]!) + 1) % 64];
      expect(tokens.open(token.slice(0, n) + other + token.slice(n + 1))).toBeUndefined();
    }
    expect(tokens.open(token)).toEqual(SESSION);
  });

  it('opens nothing that was sealed for another purpose, and nothing endless', () => {
    const tokens = new SessionTokens(box);
    expect(tokens.open(box.seal('access-key', JSON.stringify(SESSION)))).toBeUndefined();
    expect(tokens.open('A'.repeat(100_000))).toBeUndefined();
    expect(tokens.open('')).toBeUndefined();
  });

  it('hides what it carries', () => {
    const token = new SessionTokens(box).issue(SESSION);
    expect(Buffer.from(token, 'base64url').toString('latin1')).not.toMatch(/secret|AROA|alice/);
  });

  it('unseals a token once and forgets the longest unused ones first', () => {
    const spy = counted(box);
    const tokens = new SessionTokens(spy);
    const kept = tokens.issue(SESSION);
    const first = tokens.open(kept);
    expect(tokens.open(kept)).toBe(first);
    expect(spy.opened).toBe(1);
    const others = Array.from({ length: 20_000 }, () => tokens.issue(SESSION));
    for (const [n, other] of others.entries()) {
      tokens.open(other);
      if (n % 1000 === 0) tokens.open(kept);
    }
    expect(spy.opened).toBe(20_001);
    tokens.open(kept);
    expect(spy.opened).toBe(20_001);
    tokens.open(others[0]!);
    expect(spy.opened).toBe(20_002);
  });
});
