import type { Caller } from '../../../identity/principal.ts';
import { Fault } from '../../../kernel/fault.ts';
import type { UsageEvent } from '../../../metering/usage-event.ts';
import { inferenceNeeds } from '../../../paths/inference-needs.ts';
import type { AccessNeed } from '../../../paths/operation-handler.ts';
import { askedPrincipal } from '../asked-principal.ts';
import { type ExplainAccessParts, explainPermission } from '../explain-access.ts';

/** Who asks, and when. */
interface Asking {
  readonly caller: Caller;
  readonly nowMs: number;
}

const STREAMED: ReadonlySet<UsageEvent['operation']> = new Set(['ConverseStream', 'InvokeModelWithResponseStream']);
/** Operations whose permissions are about other resources than a model. */
const BESIDE_MODELS: ReadonlySet<UsageEvent['operation']> = new Set([
  'ApplyGuardrail',
  'Rerank',
  'Retrieve',
  'RetrieveAndGenerate',
  'RetrieveAndGenerateStream',
]);

/**
 * What today's policies say about a call that was made: its caller, address, time and model as recorded. What was decided then
 * is not on record. `Reason` instead where that cannot be said: the principal or the model is gone.
 */
export function accessNow(event: UsageEvent, { caller: asker, nowMs }: Asking, parts: ExplainAccessParts): unknown {
  const answer = { EvaluatedAt: new Date(nowMs), IsRecorded: false };
  try {
    const caller = asItWas(event, asker, nowMs, parts);
    const { region, sourceIp, userAgent, admittedAtMs } = event;
    const facts = { nowMs: admittedAtMs, region, sourceIp, isTls: true, ...(userAgent && { userAgent }) };
    const permissions = needsOf(event, parts).map((need) => explainPermission(need, { caller, facts, asker }, parts));
    const denied = permissions.find(({ Decision }) => Decision !== 'allowed');
    return { ...answer, Decision: denied?.Decision ?? 'allowed', Permissions: permissions };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { ...answer, Permissions: [], Reason: error.message };
  }
}

/** The principal of today under the session and the tags of the call. */
function asItWas(event: UsageEvent, caller: Caller, nowMs: number, { directory }: ExplainAccessParts): Caller {
  const input = {
    Principal: event.principalArn,
    SessionTags: Object.fromEntries(event.principalTags),
    ...(event.sourceIdentity !== '' && { SourceIdentity: event.sourceIdentity }),
  };
  const found = askedPrincipal(directory, { caller, input, nowMs });
  if (found.principalId !== event.principalId) {
    throw new Fault(
      'ResourceNotFoundException',
      `\`${event.principalArn}\` is another principal today: it was made anew`,
    );
  }
  return { ...found, accessKeyId: event.accessKeyId };
}

function needsOf(
  { operation, requestedModelId, region, accountId }: UsageEvent,
  parts: ExplainAccessParts,
): AccessNeed[] {
  if (BESIDE_MODELS.has(operation)) {
    throw new Fault('ValidationException', `the permissions of \`${operation}\` are about more than a model`);
  }
  const action = STREAMED.has(operation) ? 'bedrock:InvokeModelWithResponseStream' : 'bedrock:InvokeModel';
  return inferenceNeeds(action, parts.catalog.resolve(requestedModelId, { region, accountId }));
}
