import type {
  CreateModelInvocationJobRequest,
  CreateModelInvocationJobResponse,
  GetModelInvocationJobRequest,
  GetModelInvocationJobResponse,
  ListModelInvocationJobsRequest,
  ListModelInvocationJobsResponse,
  ModelInvocationJobSummary,
  StopModelInvocationJobRequest,
} from '@aws-sdk/client-bedrock';
import {
  expiresAtMs,
  type InvocationJob,
  invocationJobArn,
  isEnded,
  type ObjectPlace,
  objectUri,
  readObjectUri,
} from '../../batches/invocation-job.ts';
import type { InvocationJobs } from '../../batches/invocation-jobs.ts';
import type { Directory } from '../../identity/directory.ts';
import { newBedrockId, type RandomBytes } from '../../identity/identifier.ts';
import type { ModelCatalog } from '../../inference/model-catalog.ts';
import { Fault } from '../../kernel/fault.ts';
import { isObjectKey } from '../../kernel/object-store.ts';
import { BATCH_SERVICE, requireBatchRole } from '../../paths/batch-role.ts';
import { inferenceNeeds } from '../../paths/inference-needs.ts';
import type { AccessNeed, OperationCall, OperationHandler, OperationTable } from '../../paths/operation-handler.ts';
import { resultPage } from '../../paths/result-page.ts';
import { requestTagContext } from '../../policy/context.ts';
import { scopeOf } from './bedrock-parts.ts';
import { readTags } from './tags.ts';

export interface InvocationJobParts {
  readonly jobs: InvocationJobs;
  readonly directory: Directory;
  readonly catalog: ModelCatalog;
  readonly random: RandomBytes;
  /** Makes the buckets the account's own. Throws ValidationException when one is not to be had. */
  readonly useBuckets: (accountId: string, buckets: readonly string[]) => Promise<void>;
}

const TIMEOUT_HOURS = { min: 24, max: 168 };
/** AWS's default number of jobs on a page is not published. */
const PAGE_SIZE = 100;
const USER_AGENT_CHARACTERS_MAX = 512;

/** Batch inference: jobs of records that are called one by one at the batch price. */
export function invocationJobOperations(parts: InvocationJobParts): OperationTable {
  return {
    CreateModelInvocationJob: createJob(parts),
    GetModelInvocationJob: getJob(parts),
    ListModelInvocationJobs: listJobs(parts),
    StopModelInvocationJob: stopJob(parts),
  };
}

function createJob(
  parts: InvocationJobParts,
): OperationHandler<CreateModelInvocationJobRequest, CreateModelInvocationJobResponse> {
  const { jobs, directory, catalog, random, useBuckets } = parts;
  return {
    access: (call) => {
      const { modelId, roleArn, tags } = call.input;
      const context = requestTagContext(readTags(tags));
      const passed = new Map([['iam:PassedToService', [BATCH_SERVICE]]]);
      return [
        ...inferenceNeeds('bedrock:CreateModelInvocationJob', catalog.resolve(modelId!, scopeOf(call)), context),
        { action: 'iam:PassRole', resource: roleArn!, context: passed },
      ];
    },
    run: async (call) => {
      const job = newJob(call, random);
      requireBatchRole(job, directory, call.nowMs);
      await useBuckets(job.accountId, [job.input.bucket, job.output.bucket]);
      return { jobArn: invocationJobArn(await jobs.create(job)) };
    },
  };
}

function newJob(call: OperationCall<CreateModelInvocationJobRequest>, random: RandomBytes): InvocationJob {
  const { input, caller, nowMs, request } = call;
  const { jobName, modelId, roleArn, clientRequestToken, inputDataConfig, outputDataConfig, tags } = input;
  const { modelInvocationType = 'InvokeModel', timeoutDurationInHours = TIMEOUT_HOURS.min } = input;
  if (timeoutDurationInHours < TIMEOUT_HOURS.min || timeoutDurationInHours > TIMEOUT_HOURS.max) {
    const range = `between ${TIMEOUT_HOURS.min} and ${TIMEOUT_HOURS.max}`;
    throw new Fault('ValidationException', `timeoutDurationInHours must be ${range}.`);
  }
  if ('vpcConfig' in input && input.vpcConfig !== undefined) {
    throw new Fault('ValidationException', 'A VPC configuration is not supported.');
  }
  const from = inputDataConfig?.s3InputDataConfig;
  const to = outputDataConfig?.s3OutputDataConfig;
  return {
    jobId: newBedrockId(random),
    ...scopeOf(call),
    name: jobName!,
    modelId: modelId!,
    invocationType: modelInvocationType,
    roleArn: roleArn!,
    input: placeOf(from?.s3Uri, from?.s3BucketOwner),
    output: placeOf(to?.s3Uri, to?.s3BucketOwner),
    timeoutHours: timeoutDurationInHours,
    ...(clientRequestToken !== undefined && { clientRequestToken }),
    submitter: caller,
    sourceIp: request.sourceIp,
    userAgent: (request.headers['user-agent'] ?? '').slice(0, USER_AGENT_CHARACTERS_MAX),
    tags: [...readTags(tags)],
    submittedAtMs: nowMs,
    modifiedAtMs: nowMs,
    status: 'Submitted',
    message: '',
  };
}

function placeOf(uri: string | undefined, bucketOwner: string | undefined): ObjectPlace {
  const place = uri === undefined ? undefined : readObjectUri(uri, bucketOwner);
  const key = place?.key.replace(/\/$/, '');
  if (place && (key === '' || isObjectKey(key!))) return place;
  throw new Fault('ValidationException', `The S3 URI ${uri ?? ''} is not valid.`);
}

function getJob({
  jobs,
}: InvocationJobParts): OperationHandler<GetModelInvocationJobRequest, GetModelInvocationJobResponse> {
  return {
    access: (call) => [jobNeed('GetModelInvocationJob', call)],
    run: (call) => {
      const job = ownJob(call, jobs);
      const { counts } = job;
      return {
        ...summary(job),
        ...(counts && {
          totalRecordCount: counts.total,
          processedRecordCount: counts.processed,
          successRecordCount: counts.success,
          errorRecordCount: counts.error,
        }),
      } as GetModelInvocationJobResponse;
    },
  };
}

function listJobs({
  jobs,
}: InvocationJobParts): OperationHandler<ListModelInvocationJobsRequest, ListModelInvocationJobsResponse> {
  return {
    access: () => [{ action: 'bedrock:ListModelInvocationJobs', resource: '*' }],
    run: (call) => {
      const { submitTimeAfter, submitTimeBefore, statusEquals, nameContains, maxResults, nextToken } = call.input;
      const direction = call.input.sortOrder === 'Ascending' ? 'ascending' : 'descending';
      const found = jobs.of(scopeOf(call)).filter((job) => {
        if (submitTimeAfter && job.submittedAtMs < submitTimeAfter.getTime()) return false;
        if (submitTimeBefore && job.submittedAtMs > submitTimeBefore.getTime()) return false;
        return (!statusEquals || job.status === statusEquals) && (!nameContains || job.name.includes(nameContains));
      });
      const { items, rest } = resultPage(
        direction === 'ascending' ? found : found.reverse(),
        ({ submittedAtMs, jobId }) => `${String(submittedAtMs).padStart(15, '0')}${jobId}`,
        { MaxResults: maxResults, NextToken: nextToken },
        { size: PAGE_SIZE, direction, invalidToken: () => new Fault('ValidationException', 'Invalid token.') },
      );
      return {
        invocationJobSummaries: items.map(summary),
        ...(rest.NextToken !== undefined && { nextToken: rest.NextToken }),
      };
    },
  };
}

function stopJob({ jobs }: InvocationJobParts): OperationHandler<StopModelInvocationJobRequest, object> {
  return {
    access: (call) => [jobNeed('StopModelInvocationJob', call)],
    run: async (call) => {
      const job = ownJob(call, jobs);
      // AWS's text is not published.
      if (isEnded(job)) throw new Fault('ConflictException', `The job is ${job.status} and cannot be stopped.`);
      const next = (now: InvocationJob) => (now.status === 'Submitted' ? 'Stopped' : 'Stopping');
      await jobs.change(invocationJobArn(job), (now) => ({ status: next(now) }), call.nowMs);
      return {};
    },
  };
}

function jobNeed(action: string, call: OperationCall<{ jobIdentifier?: string | undefined }>): AccessNeed {
  return { action: `bedrock:${action}`, resource: arnIn(call) };
}

function ownJob(call: OperationCall<{ jobIdentifier?: string | undefined }>, jobs: InvocationJobs): InvocationJob {
  const job = jobs.get(arnIn(call));
  if (job && job.accountId === call.caller.accountId) return job;
  // AWS's text is not published.
  throw new Fault('ResourceNotFoundException', 'The specified batch inference job was not found.');
}

function arnIn(call: OperationCall<{ jobIdentifier?: string | undefined }>): string {
  const { jobIdentifier = '' } = call.input;
  return jobIdentifier.startsWith('arn:')
    ? jobIdentifier
    : invocationJobArn({ ...scopeOf(call), jobId: jobIdentifier });
}

function summary(job: InvocationJob): ModelInvocationJobSummary {
  const { name, modelId, roleArn, status, message, input, output, invocationType, clientRequestToken } = job;
  const ownerOf = ({ bucketOwner }: ObjectPlace) => bucketOwner !== undefined && { s3BucketOwner: bucketOwner };
  return {
    jobArn: invocationJobArn(job),
    jobName: name,
    modelId,
    ...(clientRequestToken !== undefined && { clientRequestToken }),
    roleArn,
    status,
    ...(message !== '' && { message }),
    submitTime: new Date(job.submittedAtMs),
    lastModifiedTime: new Date(job.modifiedAtMs),
    ...(job.endedAtMs !== undefined && { endTime: new Date(job.endedAtMs) }),
    inputDataConfig: {
      s3InputDataConfig: { s3InputFormat: 'JSONL', s3Uri: objectUri(input), ...ownerOf(input) },
    },
    outputDataConfig: { s3OutputDataConfig: { s3Uri: objectUri(output), ...ownerOf(output) } },
    timeoutDurationInHours: job.timeoutHours,
    jobExpirationTime: new Date(expiresAtMs(job)),
    modelInvocationType: invocationType,
  };
}
