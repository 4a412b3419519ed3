import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sessionNameOf } from './session-name.ts';
import { claimsOf, subjectOf } from './web-identity-token.ts';

const tokenOf = (claims: object) => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.sig`;

describe('sessionNameOf', () => {
  it.each([
    ['ana@example.com', 'ana@example.com'],
    ['system:serviceaccount:ml:trainer', 'ml.trainer'],
    ['repo:acme/app:ref:refs/heads/main', 'acme.app'],
    ['project_path:acme/app:ref_type:branch:ref:main', 'project_path-acme-app-ref_type-branch-ref-main'],
    ['auth0|5f7c', 'auth0-5f7c'],
    ['Zoë Müller', 'Zo--M-ller'],
  ])('names %s %s', (subject, name) => {
    expect(sessionNameOf(subject)).toBe(name);
  });

  it('gives every subject a name that STS takes', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 2, maxLength: 300, unit: 'grapheme' }), (subject) => {
        expect(sessionNameOf(subject)).toMatch(/^[\w+=,.@-]{2,64}$/);
      }),
    );
  });

  it('tells long subjects apart that begin alike', () => {
    const long = 'system:serviceaccount:a-namespace-with-a-long-name:an-account-with-a-rather-long-name-';
    const names = ['one', 'two', 'three'].map((end) => sessionNameOf(long + end));
    expect(new Set(names).size).toBe(3);
    expect(names.map((name) => name.length)).toEqual([64, 64, 64]);
  });

  it('does not name a session after next to nothing', () => {
    expect(() => sessionNameOf('x')).toThrow('`x` is too short for a session name: pass --session-name');
  });
});

describe('the subject of a token', () => {
  it('is its e-mail address unless that is not verified, else its subject', () => {
    const subject = (claims: object) => subjectOf(claimsOf(tokenOf(claims))!);
    expect(subject({ sub: 's', email: 'ana@example.com' })).toBe('ana@example.com');
    expect(subject({ sub: 's', email: 'ana@example.com', email_verified: true })).toBe('ana@example.com');
    expect(subject({ sub: 's', email: 'ana@example.com', email_verified: false })).toBe('s');
    expect(subject({ email: 7 })).toBeUndefined();
  });

  it('is not looked for in what is no token', () => {
    for (const text of ['', 'opaque', 'a.b', 'a.bnVsbA.c', `a.${Buffer.from('"x"').toString('base64url')}.c`]) {
      expect(claimsOf(text)).toBeUndefined();
    }
  });
});
