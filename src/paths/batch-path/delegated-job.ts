import {
  type HandedModel,
  type InvocationJob,
  type JobBound,
  type JobHandover,
  type ObjectPlace,
  objectUri,
  type UpstreamJob,
} from '../../batches/invocation-job.ts';
import type { BatchUpstream } from '../../inference/batch-upstream.ts';
import type { CallFacts } from '../../inference/model-call.ts';
import { type ModelCatalog, profileFacts, type ResolvedModel } from '../../inference/model-catalog.ts';
import type { ModelRouter } from '../../inference/model-router.ts';
import type { Upstream } from '../../inference/upstream.ts';
import { Fault } from '../../kernel/fault.ts';
import { NO_TAGS, sortedTagPairs } from '../../kernel/tags.ts';
import { recordRequestId } from './record-request-id.ts';

export interface DelegatedJobParts {
  readonly catalog: ModelCatalog;
  readonly router: ModelRouter;
}

/** A job whose model is served by an upstream that runs whole batches. */
export interface DelegatedJob {
  readonly job: InvocationJob;
  readonly model: ResolvedModel;
  readonly batches: BatchUpstream;
  readonly facts: CallFacts;
  readonly upstreamName: string;
}

/**
 * Undefined for a job whose calls are made one by one. One that was handed over stays where it is, as what it was, whatever
 * became of its profile and of routes. Throws what is wrong with the model, and ServiceUnavailableException where the upstream
 * of a job is not configured any more.
 */
export function delegatedJob(job: InvocationJob, { catalog, router }: DelegatedJobParts): DelegatedJob | undefined {
  const { handover } = job;
  if (!handover) {
    const model = catalog.resolve(job.modelId, job);
    const { upstream } = router.route(model.modelId);
    return upstream.backend.batches && delegatedTo(upstream, upstream.backend.batches, job, model);
  }
  const upstream = router.upstreams.find(({ name }) => name === handover.upstream);
  if (upstream?.backend.batches) return delegatedTo(upstream, upstream.backend.batches, job, modelOf(handover.model));
  const message = `the upstream \`${handover.upstream}\` runs the job: configure it with \`batch\` again`;
  throw new Fault('ServiceUnavailableException', message);
}

function delegatedTo(
  upstream: Upstream,
  batches: BatchUpstream,
  job: InvocationJob,
  model: ResolvedModel,
): DelegatedJob {
  const facts: CallFacts = {
    requestId: recordRequestId(job, '', 0),
    modelId: model.modelId,
    upstreamModelId: upstream.modelName(model.modelId),
    caller: job.submitter,
    region: job.region,
    route: model.route,
    tier: 'standard',
    requestMetadata: [],
    ...profileFacts(model),
  };
  return { job, model, batches, facts, upstreamName: upstream.name };
}

export function handoverOf({ upstreamName, model }: DelegatedJob, bound: JobBound): JobHandover {
  const { resourceTags = NO_TAGS, ...facts } = model;
  return { upstream: upstreamName, model: { ...facts, resourceTags: sortedTagPairs(resourceTags) }, bound };
}

function modelOf({ resourceTags, ...facts }: HandedModel): ResolvedModel {
  return { ...facts, ...(resourceTags.length > 0 && { resourceTags: new Map(resourceTags) }) };
}

/** Hands the job to the upstream; handing it over again is the same job there. */
export async function submitUpstream(
  { job, batches, facts, upstreamName }: DelegatedJob,
  { input, output }: { readonly input: ObjectPlace; readonly output: ObjectPlace },
): Promise<UpstreamJob> {
  const { name, invocationType, timeoutHours } = job;
  const {
    jobArn,
    principalArn = '',
    isGatewayPrincipal,
  } = await batches.submit({
    ...{ facts, name, invocationType, timeoutHours },
    inputUri: objectUri(input),
    outputUri: objectUri(output),
    token: `tallyline-${job.accountId}-${job.jobId}`,
  });
  return { name: upstreamName, jobArn, principalArn, isGatewayPrincipal };
}
