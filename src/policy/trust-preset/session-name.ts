import { wrong } from './trust-request.ts';
import { type ConditionLine, line } from './trust-statement.ts';

const KEY = 'sts:RoleSessionName';
/** Policy variable: the name of the IAM user who calls; without a value for every other caller. */
export const USER_NAME = `\${aws:username}`;
/** STS's rule for session names, with wildcards and the one variable that a pattern may hold. */
const PATTERN = /^(?:[\w+=,.@*?-]|\$\{aws:username\})+$/;
const LENGTHS = { min: 2, max: 64 } as const;

/** Whether a text can be a session name as it is. */
export function isSessionName(text: string): boolean {
  return /^[\w+=,.@-]{2,64}$/.test(text);
}

/** A pattern as an option gives it, `username` included. Throws QueryInvalid. */
export function namePattern(option: string): string {
  if (option === 'sub' || option === 'source-identity') {
    throw wrong(`\`--session-name ${option}\` is for the shape \`oidc\`: give a name or a pattern`);
  }
  const pattern = option === 'username' ? USER_NAME : option;
  const fixed = pattern.replaceAll(USER_NAME, 'xx').replaceAll('*', '');
  const isLongEnough = pattern.includes('*') || fixed.length >= LENGTHS.min;
  if (!PATTERN.test(pattern) || !isLongEnough || fixed.length > LENGTHS.max) {
    throw wrong(
      `\`${option}\` is no pattern of session names: use 2 to 64 letters, digits or \`_+=,.@-\`, with \`*\` and \`?\` as wildcards`,
    );
  }
  return pattern;
}

/** The session name matches the pattern. */
export function nameLike(pattern: string): ConditionLine {
  return line(/[*?]/.test(pattern) ? 'StringLike' : 'StringEquals', KEY, pattern);
}

/** The session name is the value of another key of the request: of the token's subject, of the source identity. */
export function nameEqualsKey(key: string): ConditionLine {
  return line('StringEquals', KEY, `\${${key}}`);
}

/** Whether two callers can never have the same name under this pattern. */
export function namesUser(pattern: string): boolean {
  return pattern.includes(USER_NAME);
}
