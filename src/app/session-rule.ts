import type { SessionConfig } from '../config/upstream-config.ts';
import {
  CALLER_NAMES,
  type ExpressionNames,
  parseCallerExpression,
  valuesOfCaller,
} from '../identity/caller-expression.ts';
import type { CallerText, SessionRule } from '../inference/upstream-session.ts';
import { Fault } from '../kernel/fault.ts';

/** Reads the configuration of an upstream's sessions. Throws ConfigInvalid when an expression is not one. */
export function sessionRule(config: SessionConfig): SessionRule {
  const { role, sessionName, tags, transitiveTagKeys, sourceIdentity, durationSeconds, policy } = config;
  if (tags !== 'all' && new Set(Object.keys(tags).map((key) => key.toLowerCase())).size < Object.keys(tags).length) {
    throw new Fault(
      'ConfigInvalid',
      'two keys of `session.tags` differ in letter case alone, which AWS STS does not take',
    );
  }
  const roleOf = (accountId: string) => (typeof role === 'string' ? role : (role[accountId] ?? role['*']));
  return {
    roleArn: (accountId) => roleOf(accountId)?.replace('{accountId}', accountId),
    sessionName: callerText(sessionName),
    tags: tags === 'all' ? 'all' : new Map(Object.entries(tags).map(([key, text]) => [key, callerText(text)])),
    transitiveTagKeys,
    ...(sourceIdentity !== undefined && {
      sourceIdentity: sourceIdentity === 'session-name' ? sourceIdentity : callerText(sourceIdentity),
    }),
    durationSeconds,
    ...(policy && { policy: JSON.stringify(policy) }),
  };
}

/** A caller with two access keys is one caller. */
const NAMES: ExpressionNames = {
  has: (name) => name !== 'accessKeyId' && CALLER_NAMES.has(name),
  describe: CALLER_NAMES.describe.replace('accessKeyId, ', ''),
};

function callerText(text: string): CallerText {
  const { evaluate } = parseCallerExpression(text, NAMES);
  return (caller) => evaluate(valuesOfCaller(caller));
}
