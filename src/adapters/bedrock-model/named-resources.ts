import { generationSource, searchGuardrails } from '../../inference/knowledge-base.ts';
import type { JsonObject, ModelCall } from '../../inference/model-call.ts';
import { isNativeCall, type NativeCall } from '../../inference/native-call.ts';
import type { ResourceAccounts } from '../../inference/resource-accounts.ts';
import { Fault } from '../../kernel/fault.ts';

/** Whose the guardrails and knowledge bases of an upstream are. */
export interface ResourceOwners {
  readonly guardrails: ResourceAccounts;
  readonly knowledgeBases: ResourceAccounts;
}

interface NamedResource {
  readonly owners: ResourceAccounts;
  readonly action: string;
  readonly type: 'guardrail' | 'knowledge-base';
  readonly id: string;
}

/** The refusal of a call that names what is not its account's, in AWS's words for resources of others; undefined where all is. */
export function refusalOf(call: ModelCall | NativeCall, owners: ResourceOwners): Fault | undefined {
  const { accountId, arn: principal } = call.caller;
  const others = namedIn(call, owners).find((one) => !one.owners.has(accountId, one.id));
  if (!others) return undefined;
  const { action, type, id } = others;
  const resource = `arn:aws:bedrock:${call.region}:${accountId}:${type}/${id}`;
  const reason = `because no resource-based policy allows the ${action} action`;
  const message = `User: ${principal} is not authorized to perform: ${action} on resource: ${resource} ${reason}`;
  return new Fault('AccessDeniedException', message);
}

function namedIn(call: ModelCall | NativeCall, { guardrails, knowledgeBases }: ResourceOwners): NamedResource[] {
  const guardrail = (identifier: unknown): NamedResource => ({
    ...{ owners: guardrails, action: 'bedrock:ApplyGuardrail', type: 'guardrail' },
    id: String(identifier).replace(/^arn:.*\//, ''),
  });
  const named = call.guardrail ? [guardrail(call.guardrail.guardrailIdentifier)] : [];
  if (!isNativeCall(call) || call.dialect !== 'operation') return named;
  const { body, kind } = call;
  if (kind === 'guardrail') named.push(guardrail(body.guardrailIdentifier));
  named.push(...searchGuardrails(body).map(({ identifier }) => guardrail(identifier)));
  for (const id of knowledgeBasesIn(body)) {
    named.push({ ...{ owners: knowledgeBases, action: 'bedrock:Retrieve', type: 'knowledge-base' }, id });
  }
  return named;
}

function knowledgeBasesIn(body: JsonObject): string[] {
  const ids = [body.knowledgeBaseId, generationSource(body).knowledgeBaseId];
  return ids.flatMap((id) => (id === undefined ? [] : [String(id)]));
}
