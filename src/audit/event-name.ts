import type { Operation, ServiceId } from '../wire/operation.ts';

/** `eventSource`: the service's domain; Bedrock Runtime is Bedrock to CloudTrail, and our own service has no domain. */
const EVENT_SOURCES: Readonly<Record<ServiceId, string>> = {
  sts: 'sts.amazonaws.com',
  iam: 'iam.amazonaws.com',
  bedrock: 'bedrock.amazonaws.com',
  'bedrock-runtime': 'bedrock.amazonaws.com',
  'bedrock-agent-runtime': 'bedrock.amazonaws.com',
  ce: 'ce.amazonaws.com',
  'bcm-data-exports': 'bcm-data-exports.amazonaws.com',
  budgets: 'budgets.amazonaws.com',
  organizations: 'organizations.amazonaws.com',
  cloudtrail: 'cloudtrail.amazonaws.com',
  openai: 'bedrock.amazonaws.com',
  anthropic: 'bedrock.amazonaws.com',
  gateway: 'tallyline',
  console: 'tallyline',
  scim: 'tallyline',
  tallyline: 'tallyline',
};

const READING =
  /^(?:Get|List|Describe|Lookup|Search|View|Explain|Simulate|Decode|Count|Check|Validate|GenerateCredentialReport|GenerateServiceLastAccessedDetails|GenerateOrganizationsAccessReport)/;
/** They make credentials, which CloudTrail counts as reading. */
const ISSUING =
  /^(?:AssumeRole|AssumeRoot|GetFederationToken|GetSessionToken|GetWebIdentityToken|GetDelegatedAccessToken)/;

const INFERENCE: ReadonlySet<ServiceId> = new Set(['bedrock-runtime', 'bedrock-agent-runtime', 'openai', 'anthropic']);

type Named = Pick<Operation, 'service' | 'name'>;

export function eventSourceOf({ service }: Named): string {
  return EVENT_SOURCES[service];
}

/** `readOnly` as CloudTrail has it: all of STS and of inference is. */
export function isReadOnly(operation: Named): boolean {
  return operation.service === 'sts' || isInference(operation) || READING.test(operation.name);
}

/** Changes something or makes credentials: it is not done when it cannot be recorded, and its answer is in the record. */
export function isChange(operation: Named): boolean {
  if (isInference(operation)) return false;
  return operation.service === 'sts' ? ISSUING.test(operation.name) : !READING.test(operation.name);
}

/** Inference: of it only refused calls are recorded, since every answered one is a usage event. */
export function isInference({ service }: Named): boolean {
  return INFERENCE.has(service);
}
