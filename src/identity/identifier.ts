/** Source of random bytes; passed in, so that tests own chance. */
export type RandomBytes = (size: number) => Buffer;

/** Alphabet of AWS identifiers (RFC 4648 base32). */
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** First letters of the unique ids of things with a name: user, role, group, managed policy. */
export type UniqueIdPrefix = 'AIDA' | 'AROA' | 'AGPA' | 'ANPA';

const UNIQUE_ID_LETTERS = 17;

/** `AIDA` and 17 letters: never given twice, so that a name made anew is not mistaken for the old one. */
export function newUniqueId(prefix: UniqueIdPrefix, random: RandomBytes): string {
  return lettersAfter(prefix, random);
}

/** `ACCA` and 17 letters: of a service-specific credential. */
export function newServiceCredentialId(random: RandomBytes): string {
  return lettersAfter('ACCA', random);
}

const GATEWAY_KEY_LETTERS = 16;

/** `TLYK` and 16 letters: of a gateway key. */
export function newGatewayKeyId(random: RandomBytes): string {
  return lettersAfter('TLYK', random, GATEWAY_KEY_LETTERS);
}

/** `TLYT` and 16 letters of a token's SHA-256: of a session that the token stands for by itself. */
export function tokenKeyId(digest: Buffer): string {
  return lettersAfter('TLYT', (letters) => digest.subarray(0, letters), GATEWAY_KEY_LETTERS);
}

function lettersAfter(prefix: string, random: RandomBytes, letters = UNIQUE_ID_LETTERS): string {
  let id = prefix;
  // 256 is a multiple of 32: every letter is equally likely.
  for (const byte of random(letters)) id += BASE32[byte % BASE32.length];
  return id;
}

const PROFILE_LETTERS = 12;

/** Twelve lower-case letters and digits: of what an account makes in Bedrock. */
export function newBedrockId(random: RandomBytes): string {
  return newOrganizationsId('', PROFILE_LETTERS, random);
}

/** `o-`, `r-`, `ou-...-`, `p-` or `car-` and so many lower-case letters and digits: ids of AWS Organizations. */
export function newOrganizationsId(prefix: string, letters: number, random: RandomBytes): string {
  let id = prefix;
  for (const byte of random(letters)) id += BASE32[byte % BASE32.length]!.toLowerCase();
  return id;
}

/** Twelve digits, the first not 0: there are ids with one, and tools that drop it. */
export function newAccountId(random: RandomBytes): string {
  return (100_000_000_000n + (BigInt(`0x${random(8).toString('hex')}`) % 900_000_000_000n)).toString();
}

const PROVIDER_UUID_LETTERS = 26;

/** A SAML provider's own id, which is never given twice: letters and digits, at least 22 (IAM's model). */
export function newProviderUuid(random: RandomBytes): string {
  return Array.from(random(PROVIDER_UUID_LETTERS), (byte) => BASE32[byte % BASE32.length]).join('');
}

/** Long-term keys of users, temporary keys of sessions. */
export type AccessKeyPrefix = 'AKIA' | 'ASIA';

/**
 * The 16 letters of an access key id are 80 bits: a 1, the account in 40 bits, 39 bits of chance. AWS has built its ids
 * this way since 2019 (community finding, checked 2026-11), so the account can be read from an id alone.
 */
const ACCOUNT_SHIFT = 39n;
const ACCOUNT_MARK = 1n << 79n;
const CHANCE_MASK = (1n << ACCOUNT_SHIFT) - 1n;
const KEY_LETTERS = 16;
const LARGEST_ACCOUNT = 999_999_999_999n;

/** `AKIA` or `ASIA` and 16 letters in which the account is embedded. */
export function newAccessKeyId(prefix: AccessKeyPrefix, accountId: string, random: RandomBytes): string {
  const chance = BigInt(`0x${random(5).toString('hex')}`) & CHANCE_MASK;
  let bits = ACCOUNT_MARK | (BigInt(accountId) << ACCOUNT_SHIFT) | chance;
  let letters = '';
  for (let n = 0; n < KEY_LETTERS; n++) {
    letters = BASE32[Number(bits & 31n)] + letters;
    bits >>= 5n;
  }
  return prefix + letters;
}

/** The account embedded in an access key id; undefined when it holds none (keys made before 2019, other texts). */
export function accountOfAccessKeyId(accessKeyId: string): string | undefined {
  if (accessKeyId.length !== 4 + KEY_LETTERS) return undefined;
  let bits = 0n;
  for (const letter of accessKeyId.slice(4)) {
    const value = BASE32.indexOf(letter);
    if (value < 0) return undefined;
    bits = (bits << 5n) | BigInt(value);
  }
  const account = (bits & (ACCOUNT_MARK - 1n)) >> ACCOUNT_SHIFT;
  return bits & ACCOUNT_MARK && account <= LARGEST_ACCOUNT ? account.toString().padStart(12, '0') : undefined;
}

/** 40 characters of base64: 30 bytes, no padding. */
export function newSecretAccessKey(random: RandomBytes): string {
  return random(30).toString('base64');
}

/** 44 characters of base64: 32 bytes. */
export function newServiceCredentialSecret(random: RandomBytes): string {
  return random(32).toString('base64');
}
