import { hash } from 'node:crypto';

/** STS: 2 to 64 of these. Source identities follow the same rule. */
const CHARACTERS_MAX = 64;
const LEGAL = /^[A-Za-z0-9_+=,.@-]{2,64}$/;
const ILLEGAL = /[^A-Za-z0-9_+=,.@-]+/g;
/** Hexadecimal characters of the digest; the longer ones only where a shorter one belongs to somebody else. */
const DIGEST_CHARACTERS = [8, 16, 32] as const;

/**
 * Names for `wanted`, the best one first: itself where STS takes it, then a readable part of it with a digest of who it is
 * for. Whoever finds the first ones taken by another caller gets the next.
 */
export function sessionNameCandidates(wanted: string, principalArn: string): readonly string[] {
  const withDigest = DIGEST_CHARACTERS.map((characters) => readableName(wanted, principalArn, characters));
  return LEGAL.test(wanted) ? [wanted, ...withDigest] : withDigest;
}

/** Accents are taken off, what STS does not take becomes `-`, and what is too long is cut. */
function readableName(wanted: string, principalArn: string, digestCharacters: number): string {
  const readable = wanted
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .replace(ILLEGAL, '-')
    .slice(0, CHARACTERS_MAX - digestCharacters - 1);
  const digest = hash('sha256', `${principalArn}\n${wanted}`, 'hex').slice(0, digestCharacters);
  return `${readable}-${digest}`;
}
