import type { Caller, SessionFacts } from '../identity/principal.ts';

/** In the words of ModelInvocationJobStatus. */
export type JobStatus =
  | 'Submitted'
  | 'Validating'
  | 'InProgress'
  | 'Completed'
  | 'PartiallyCompleted'
  | 'Failed'
  | 'Stopping'
  | 'Stopped'
  | 'Expired';

/** Statuses that a job does not leave. */
const FINAL: ReadonlySet<JobStatus> = new Set(['Completed', 'PartiallyCompleted', 'Failed', 'Stopped', 'Expired']);

/** `s3://bucket/key`, taken apart. */
export interface ObjectPlace {
  readonly bucket: string;
  /** Empty: the whole bucket. Ends with a slash for a folder. */
  readonly key: string;
  /** Account that must own the bucket. Absent: whoever does. */
  readonly bucketOwner?: string;
}

export interface RecordCounts {
  readonly total: number;
  readonly processed: number;
  readonly success: number;
  readonly error: number;
}

/** A batch of calls of one model: who submitted it, as whom and what every call is metered, is fixed when it is made. */
export interface InvocationJob {
  /** Twelve lower-case letters and digits. */
  readonly jobId: string;
  readonly accountId: string;
  readonly region: string;
  readonly name: string;
  /** As it was named: id, profile or ARN. */
  readonly modelId: string;
  /** Form of the records' `modelInput`. */
  readonly invocationType: 'InvokeModel' | 'Converse';
  /** Reads the input and writes the output. */
  readonly roleArn: string;
  readonly input: ObjectPlace;
  readonly output: ObjectPlace;
  readonly timeoutHours: number;
  /** Absent when the caller gave none. */
  readonly clientRequestToken?: string;
  readonly submitter: Caller;
  readonly sourceIp: string;
  readonly userAgent: string;
  readonly tags: readonly (readonly [string, string])[];
  readonly submittedAtMs: number;
  readonly modifiedAtMs: number;
  /** Absent while it runs. */
  readonly endedAtMs?: number;
  readonly status: JobStatus;
  /** Empty where nothing is wrong. */
  readonly message: string;
  /** Absent before the input was read. */
  readonly counts?: RecordCounts;
  /** Noted before the job is handed to an upstream that runs it whole. Absent: it is not, or not yet. */
  readonly handover?: JobHandover;
  /** Job at the upstream that runs it. Absent: its calls are made one by one, here, or it is not handed over yet. */
  readonly upstream?: UpstreamJob;
}

/** What a job is handed over with, and metered by, whatever its submitter changes or deletes from then on. */
export interface JobHandover {
  /** Name of the upstream in the configuration. */
  readonly upstream: string;
  readonly model: HandedModel;
  readonly bound: JobBound;
}

/** The model as it was found when the job was handed over. */
export interface HandedModel {
  readonly modelId: string;
  readonly route: 'in_region' | 'geo' | 'global';
  readonly resourceArn: string;
  readonly foundationModelArn: string;
  readonly inferenceProfileArn?: string;
  readonly systemProfileId?: string;
  readonly heldModelArn?: string;
  /** Of an application inference profile. */
  readonly resourceTags: readonly (readonly [string, string])[];
}

/** What a job's input is made of, and the most that it can use. */
export interface JobBound {
  readonly records: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Decimal text. */
  readonly costPicoUsd: string;
  readonly isUnpriced: boolean;
  /** Digest of all record ids (`RecordIds`). Absent: not every line names one. */
  readonly recordIds?: string;
}

/** A job as an upstream runs it. */
export interface UpstreamJob {
  /** Name of the upstream in the configuration. */
  readonly name: string;
  readonly jobArn: string;
  /** Whom the upstream's bill names; empty when it names nobody. */
  readonly principalArn: string;
  readonly isGatewayPrincipal: boolean;
}

export function invocationJobArn({ region, accountId, jobId }: Pick<InvocationJob, 'region' | 'accountId' | 'jobId'>) {
  return `arn:aws:bedrock:${region}:${accountId}:model-invocation-job/${jobId}`;
}

export function isEnded({ status }: Pick<InvocationJob, 'status'>): boolean {
  return FINAL.has(status);
}

export function expiresAtMs({ submittedAtMs, timeoutHours }: InvocationJob): number {
  return submittedAtMs + timeoutHours * 3_600_000;
}

/** Undefined for what is no `s3://bucket/key`. */
export function readObjectUri(uri: string, bucketOwner?: string): ObjectPlace | undefined {
  const [, bucket, key = ''] = /^s3:\/\/([^/]+)(?:\/(.*))?$/s.exec(uri) ?? [];
  return bucket === undefined ? undefined : { bucket, key, ...(bucketOwner !== undefined && { bucketOwner }) };
}

export function objectUri({ bucket, key }: ObjectPlace): string {
  return `s3://${bucket}/${key}`;
}

/** A caller as a record keeps it: sets of tags as pairs. */
export interface CallerRecord extends Omit<Caller, 'tags' | 'session'> {
  readonly tags: readonly (readonly [string, string])[];
  readonly session?: Omit<SessionFacts, 'sessionTags'> & {
    readonly sessionTags: readonly (readonly [string, string])[];
  };
}

export function callerRecord({ tags, session, ...facts }: Caller): CallerRecord {
  return {
    ...facts,
    tags: [...tags],
    ...(session && { session: { ...session, sessionTags: [...session.sessionTags] } }),
  };
}

export function callerOf({ tags, session, ...facts }: CallerRecord): Caller {
  return {
    ...facts,
    tags: new Map(tags),
    ...(session && { session: { ...session, sessionTags: new Map(session.sessionTags) } }),
  };
}
