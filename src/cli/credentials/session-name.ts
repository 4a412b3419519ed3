import { hash } from 'node:crypto';
import { Fault } from '../../kernel/fault.ts';

/** STS takes 2 to 64 of `[\w+=,.@-]`. */
const CHARACTERS_MAX = 64;
/** Of a name that is cut, the rest tells it from others that begin alike: they must not become one identity. */
const DIGEST_CHARACTERS = 8;

/** Subjects of Kubernetes and GitHub: `namespace.account` and `owner.repository`, as `tallyline trust-policy` pins them. */
const WORKLOADS = [/^system:serviceaccount:([a-z0-9-]+):([a-z0-9.-]+)$/, /^repo:([^/:]+)\/([^/:]+):/];

/** A session name for a subject: what STS does not take becomes `-`. */
export function sessionNameOf(subject: string): string {
  const [, owner, own] = WORKLOADS.map((pattern) => pattern.exec(subject)).find(Boolean) ?? [];
  const name = (own === undefined ? subject : `${owner}.${own}`).replace(/[^\w+=,.@-]/g, '-');
  if (name.length < 2) {
    throw new Fault('ConfigInvalid', `\`${subject}\` is too short for a session name: pass --session-name`);
  }
  if (name.length <= CHARACTERS_MAX) return name;
  const digest = hash('sha256', subject, 'hex').slice(0, DIGEST_CHARACTERS);
  return `${name.slice(0, CHARACTERS_MAX - DIGEST_CHARACTERS - 1)}-${digest}`;
}
