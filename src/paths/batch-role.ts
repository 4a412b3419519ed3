import { type InvocationJob, invocationJobArn, type ObjectPlace } from '../batches/invocation-job.ts';
import type { Directory } from '../identity/directory.ts';
import { Fault } from '../kernel/fault.ts';
import { authorize } from '../policy/authorize.ts';
import { globalContext } from '../policy/context.ts';
import { deniedMessage } from '../policy/denied-message.ts';
import { organizationContext } from '../policy/organization-context.ts';
import { serviceFacts, serviceRoleCaller } from './service-role.ts';

export const BATCH_SERVICE = 'bedrock.amazonaws.com';

type RoleJob = Pick<InvocationJob, 'jobId' | 'accountId' | 'region' | 'roleArn' | 'input' | 'output'>;

/**
 * The job's role must exist, trust Amazon Bedrock, and be allowed to read the input and to write the output (User Guide,
 * batch inference service role). Throws AccessDeniedException.
 */
export function requireBatchRole(job: RoleJob, directory: Directory, nowMs: number): void {
  const use = {
    servicePrincipal: BATCH_SERVICE,
    roleArn: job.roleArn,
    accountId: job.accountId,
    sourceArn: invocationJobArn(job),
    sessionName: `BatchInference-${job.jobId}`,
    roleWord: 'service role',
  };
  const caller = serviceRoleCaller(use, directory, nowMs);
  const policies = directory.policySetOf(caller);
  const context = globalContext(caller, serviceFacts(BATCH_SERVICE, nowMs));
  const needs = [
    ['s3:GetObject', objectArn(job.input)],
    ['s3:PutObject', objectArn(job.output)],
  ] as const;
  for (const [action, resource] of needs) {
    const known = organizationContext(context, { caller, resource }, directory.organization);
    const decision = authorize({ caller, action, resource, context: known }, policies);
    if (!decision.allowed) throw new Fault('AccessDeniedException', deniedMessage(caller, action, resource, decision));
  }
}

/** What is below a folder is asked for as a whole. */
function objectArn({ bucket, key }: ObjectPlace): string {
  return `arn:aws:s3:::${bucket}/${key}${key === '' || key.endsWith('/') ? '*' : ''}`;
}
