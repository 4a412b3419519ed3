import type { NamedGuardrail } from '../inference/guardrail-headers.ts';
import type { ModelScope, ResolvedModel } from '../inference/model-catalog.ts';
import { NO_TAGS } from '../kernel/tags.ts';
import { resourceTagContext } from '../policy/context.ts';
import type { AccessNeed } from './operation-handler.ts';

/**
 * The permissions that calling a model takes. Through an inference profile they are two, one for the profile and one for
 * the foundation model behind it; the latter's statement may ask for the profile with `bedrock:InferenceProfileArn`
 * (Bedrock User Guide, inference profile prerequisites). An application inference profile's tags are `aws:ResourceTag`
 * keys of the first.
 */
export function inferenceNeeds(
  action: string,
  model: ResolvedModel,
  context: ReadonlyMap<string, readonly string[]> = new Map(),
): AccessNeed[] {
  const { foundationModelArn, inferenceProfileArn, resourceTags = NO_TAGS } = model;
  if (!inferenceProfileArn) return [{ action, resource: foundationModelArn, ...contextMember(context) }];
  const ofProfile = resourceTags.size === 0 ? context : new Map([...context, ...resourceTagContext(resourceTags)]);
  const throughProfile = new Map([...context, ['bedrock:InferenceProfileArn', [inferenceProfileArn]] as const]);
  return [
    { action, resource: inferenceProfileArn, ...contextMember(ofProfile) },
    { action, resource: foundationModelArn, context: throughProfile },
  ];
}

function contextMember(context: ReadonlyMap<string, readonly string[]>): Pick<AccessNeed, 'context'> {
  return context.size > 0 ? { context } : {};
}

/**
 * What a guardrail around a model takes besides: the permission to apply it. Statements may ask for it with
 * `bedrock:GuardrailIdentifier`, whose value has the version unless that is the draft (Bedrock User Guide, read 2026-11).
 */
export function guardedNeeds(
  needs: readonly AccessNeed[],
  { identifier, version }: NamedGuardrail,
  scope: ModelScope,
): AccessNeed[] {
  const arn = guardrailArn(identifier, scope);
  const key = ['bedrock:GuardrailIdentifier', [version === 'DRAFT' ? arn : `${arn}:${version}`]] as const;
  return [
    ...needs.map((need) => ({ ...need, context: new Map([...(need.context ?? []), key]) })),
    { action: 'bedrock:ApplyGuardrail', resource: arn, context: new Map([key]) },
  ];
}

/**
 * The resource that policies name: always the caller's account's, also where the request has the ARN of another one. Whose it
 * is at an upstream is the configuration's to say.
 */
export function guardrailArn(identifier: string, { region, accountId }: ModelScope): string {
  return `arn:aws:bedrock:${region}:${accountId}:guardrail/${identifier.replace(/^arn:.*\//, '')}`;
}
