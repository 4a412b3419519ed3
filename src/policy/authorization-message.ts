import { parseArn } from '../kernel/arn.ts';
import type { SecretBox } from '../kernel/secret-box.ts';
import type { Denial } from './access-denied.ts';
import { GLOBAL_KEYS } from './context.ts';
import type { ListElement } from './policy-document/statement-shape.ts';
import { type StatementSource, statementSources } from './statement-source.ts';

/** Keeps sealed messages apart from everything else that is sealed. */
const PURPOSE = 'authorization-message';

/** Longest encoded message that DecodeAuthorizationMessage takes (botocore 1.43). */
const ENCODED_LENGTH_MAX = 10_240;

/** Account, message and filling before sealing. Sealed, base64 makes about 8,250 characters of them. */
const CONTENT_BYTES_MAX = 6_144;

/** Contents are filled up to a multiple, so that the length of what is sealed says little about the policies. */
const CONTENT_GRAIN_BYTES = 2_048;

const ACCOUNT_LENGTH = 12;

/** A list in AWS's decoded messages. */
interface Items<Item> {
  readonly items: readonly Item[];
}

interface Value {
  readonly value: string;
}

interface ConditionItem {
  readonly key: string;
  readonly values: Items<Value>;
}

/**
 * Encoded authorization messages: why a request was denied, for those who may know, and only of their own account. The
 * shape of the content is AWS's as published in answers of DecodeAuthorizationMessage (checked 2026-11).
 */
export class AuthorizationMessages {
  readonly #box: SecretBox;

  constructor(box: SecretBox) {
    this.#box = box;
  }

  /** At most 10,240 characters; what does not fit is left out. */
  encode(denial: Denial): string {
    const content = denial.caller.accountId + decodedMessage(denial, CONTENT_BYTES_MAX - ACCOUNT_LENGTH);
    const filling = -Buffer.byteLength(content) & (CONTENT_GRAIN_BYTES - 1);
    return this.#box.seal(PURPOSE, content + ' '.repeat(filling));
  }

  /** Undefined when it is no message of this installation, or is about another account. */
  decode(encoded: string, accountId: string): string | undefined {
    if (encoded.length > ENCODED_LENGTH_MAX) return undefined;
    let content: string;
    try {
      content = this.#box.open(PURPOSE, encoded);
    } catch {
      return undefined;
    }
    return content.startsWith(accountId) ? content.slice(ACCOUNT_LENGTH).trimEnd() : undefined;
  }
}

/** JSON of at most so many bytes of UTF-8. */
function decodedMessage(denial: Denial, bytesMax: number): string {
  const { caller, action, resource, decision } = denial;
  const message = (statements: readonly object[], conditions: readonly ConditionItem[]) =>
    JSON.stringify({
      allowed: false,
      explicitDeny: decision.reason === 'explicitDeny',
      matchedStatements: { items: statements },
      failures: { items: [] },
      context: {
        principal: { id: caller.userId, ...(caller.userName && { name: caller.userName }), arn: caller.arn },
        action,
        resource,
        conditions: { items: conditions },
      },
    });
  let room = bytesMax - Buffer.byteLength(message([], []));
  const fits = (item: object) => {
    const bytes = Buffer.byteLength(JSON.stringify(item)) + 1;
    if (bytes > room) return false;
    room -= bytes;
    return true;
  };
  const statements = matchedStatements(denial).filter(fits);
  return message(statements, conditionItems(denial).filter(fits));
}

/** The organization's policies are not shown to its accounts. */
function matchedStatements({ decision, policies, caller }: Denial): object[] {
  const { identity, boundary, session = [], resource } = policies;
  const own = [...identity, ...(boundary ? [boundary] : []), ...session].flatMap((source) =>
    statementSources('identity', source),
  );
  const kind = resource?.kind === 'role-trust' ? 'trust' : 'resource';
  const shown = [...own, ...(resource ? statementSources(kind, resource.source) : [])];
  return decision.decidedBy.flatMap(({ policyId, statementIndex }) => {
    const found = shown.find((one) => one.policyId === policyId && one.statement.index === statementIndex);
    return found ? [statementItem(found, caller.userId)] : [];
  });
}

/** How AWS shows elements that begin with `Not` is not known; here they keep their name. */
function statementItem({ source }: StatementSource, principalId: string): object {
  const { sid = '', effect, actions, resources, conditions } = source;
  return {
    statementId: sid,
    effect: effect.toUpperCase(),
    principals: items([principalId]),
    principalGroups: items([]),
    ...listItems('actions', actions),
    ...(resources && listItems('resources', resources)),
    conditions: { items: conditions.map(({ key, values }): ConditionItem => ({ key, values: items(values) })) },
  };
}

function listItems(name: 'actions' | 'resources', { isNegated, values }: ListElement): object {
  return { [isNegated ? `not${name[0]!.toUpperCase()}${name.slice(1)}` : name]: items(values) };
}

/** What the operation added first, then what AWS tells of the resource, then the global keys. */
function conditionItems({ caller, resource, context, operationKeys }: Denial): ConditionItem[] {
  const tagKeys = [...caller.tags.keys()].map((key) => `aws:PrincipalTag/${key}`);
  const known = (keys: readonly string[]) =>
    keys.flatMap((key): ConditionItem[] => {
      const values = context.get(key.toLowerCase());
      return values?.length ? [{ key, values: items(values) }] : [];
    });
  return [...known(operationKeys), ...resourceItems(resource), ...known([...GLOBAL_KEYS, ...tagKeys])];
}

function resourceItems(resource: string): ConditionItem[] {
  const arn = parseArn(resource);
  if (!arn) return [];
  const facts = [
    ['aws:Region', arn.region],
    ['aws:Service', arn.service],
    ['aws:Resource', arn.resource],
    ['aws:Type', arn.resource.split(/[/:]/, 1)[0]!],
    ['aws:Account', arn.accountId],
    ['aws:ARN', resource],
  ] as const;
  return facts.filter(([, value]) => value !== '').map(([key, value]) => ({ key, values: items([value]) }));
}

function items(values: readonly string[]): Items<Value> {
  return { items: values.map((value) => ({ value })) };
}
