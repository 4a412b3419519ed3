import type { AuditLog } from '../../../audit/audit-log.ts';
import type { AuditRecord } from '../../../audit/audit-record.ts';
import type { Directory } from '../../../identity/directory.ts';
import { ownerOf } from '../../../identity/gateway-key-caller.ts';
import { roleArn, userArn } from '../../../kernel/arn.ts';
import { HOUR_MS } from '../../../kernel/time.ts';
import type { UsageEvent } from '../../../metering/usage-event.ts';

export interface IdentityChainParts {
  readonly directory: Directory;
  readonly auditLog: AuditLog;
}

/** One step from whoever vouched for the caller to the principal that pays. */
interface ChainLink {
  readonly Type:
    | 'identity-provider'
    | 'subject'
    | 'assumed-by'
    | 'access-key'
    | 'session-key'
    | 'oidc-token'
    | 'bedrock-api-key'
    | 'gateway-key'
    | 'role'
    | 'user'
    | 'session'
    | 'source-identity'
    | 'principal';
  readonly Id: string;
  readonly Name?: string;
  /**
   * `event`: the call's own record. `audit`: the audit log's record of how the session began. `directory`: as the directory has
   * it today.
   */
  readonly Evidence: 'event' | 'audit' | 'directory';
}

/** The longest session of a role is twelve hours, of a federated user thirty-six. */
const SESSION_HOURS_MAX = 36;
/** Each reads a bounded part of the log; a session that began before what they reach stays without its beginning. */
const AUDIT_PAGES_MAX = 8;

/** How the caller came to be who it was. Steps that nothing is known about are left out, never guessed. */
export async function identityChain(event: UsageEvent, parts: IdentityChainParts): Promise<ChainLink[]> {
  const { principalArn, sourceIdentity } = event;
  return [
    ...(await beginning(event, parts.auditLog)),
    credential(event, parts.directory),
    ...holder(event, parts.directory),
    ...(sourceIdentity === '' ? [] : [link('source-identity', sourceIdentity, 'event')]),
    link('principal', principalArn, 'event'),
  ];
}

function link(Type: ChainLink['Type'], Id: string, Evidence: ChainLink['Evidence'], Name?: string): ChainLink {
  return { Type, Id, Evidence, ...(Name !== undefined && { Name }) };
}

/** Who began the session, from the audit log; empty for calls without a session, and where the log says nothing. */
async function beginning(event: UsageEvent, auditLog: AuditLog): Promise<ChainLink[]> {
  const issued = event.accessKeyId.startsWith('ASIA') ? await issuance(event, auditLog) : undefined;
  if (!issued) return [];
  const { type, arn, userName, identityProvider } = issued.userIdentity;
  if (type !== 'WebIdentityUser' && type !== 'SAMLUser') return arn ? [link('assumed-by', arn, 'audit')] : [];
  return [
    ...(identityProvider === undefined ? [] : [link('identity-provider', identityProvider, 'audit')]),
    ...(userName === undefined ? [] : [link('subject', userName, 'audit')]),
  ];
}

/** The record of the call that gave out the session's key. */
async function issuance(event: UsageEvent, auditLog: AuditLog): Promise<AuditRecord | undefined> {
  const { accessKeyId, admittedAtMs } = event;
  const range = { fromMs: admittedAtMs - SESSION_HOURS_MAX * HOUR_MS, toMs: admittedAtMs };
  let before: string | undefined;
  for (let page = 0; page < AUDIT_PAGES_MAX; page++) {
    const { records, next } = await auditLog.lookup({
      ...range,
      matches: (record) => issuedKeyId(record) === accessKeyId,
      limit: 1,
      ...(before !== undefined && { before }),
    });
    if (records[0] || next === undefined) return records[0];
    before = next;
  }
  return undefined;
}

function issuedKeyId({ responseElements }: AuditRecord): unknown {
  return (responseElements?.credentials as { readonly accessKeyId?: unknown } | undefined)?.accessKeyId;
}

function credential({ accessKeyId }: UsageEvent, directory: Directory): ChainLink {
  const gatewayKey = directory.gatewayKey(accessKeyId);
  if (gatewayKey) return link('gateway-key', accessKeyId, 'directory', gatewayKey.name);
  if (accessKeyId.startsWith('TLYK')) return link('gateway-key', accessKeyId, 'event');
  if (accessKeyId.startsWith('TLYT')) return link('oidc-token', accessKeyId, 'event');
  if (accessKeyId.startsWith('ACCA')) return link('bedrock-api-key', accessKeyId, 'event');
  return link(accessKeyId.startsWith('ASIA') ? 'session-key' : 'access-key', accessKeyId, 'event');
}

/** The user or role that the credentials belong to, and the session's name. */
function holder(event: UsageEvent, directory: Directory): ChainLink[] {
  const { principalId, principalArn, accessKeyId } = event;
  const user = directory.userById(principalId);
  if (user) return [link('user', userArn(user.accountId, user.path, user.name), 'directory')];
  const [, , sessionName] = /assumed-role\/([^/]+)\/(.+)$/.exec(principalArn) ?? [];
  const role = directory.roleById(principalId);
  const key = directory.gatewayKey(accessKeyId);
  const owner = key && ownerOf(key, directory);
  const of = role ?? (owner && 'trustPolicy' in owner ? owner : undefined);
  return [
    ...(of ? [link('role', roleArn(of.accountId, of.path, of.name), 'directory')] : []),
    ...(sessionName === undefined ? [] : [link('session', sessionName, 'event')]),
  ];
}
