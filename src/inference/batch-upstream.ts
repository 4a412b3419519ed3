import type { CallFacts, JsonObject } from './model-call.ts';
import type { TokenUsage } from './token-usage.ts';

/** A whole batch as an upstream takes it. */
export interface UpstreamBatch {
  /** Who and what, as for one call. */
  readonly facts: CallFacts;
  readonly name: string;
  readonly invocationType: 'InvokeModel' | 'Converse';
  /** `s3://bucket/key`, which the upstream reads and writes itself. */
  readonly inputUri: string;
  readonly outputUri: string;
  readonly timeoutHours: number;
  /** The same for every try to submit the same batch. */
  readonly token: string;
}

/** A batch that an upstream has taken. */
export interface SubmittedBatch {
  readonly jobArn: string;
  /** Principal that the upstream's bill names for it. Absent: its bill names none. */
  readonly principalArn?: string;
  /** True where that principal is the gateway's and not the submitter's. */
  readonly isGatewayPrincipal: boolean;
}

/** How far a batch is at its upstream. */
export interface UpstreamBatchState {
  readonly status: 'underWay' | 'completed' | 'partiallyCompleted' | 'failed' | 'stopped' | 'expired';
  /** Empty where there is nothing to say. */
  readonly message: string;
  /** True while it is under way and has been told to stop. */
  readonly isStopping: boolean;
  /** When it ended; absent while it is under way. */
  readonly endedAtMs?: number;
  /** Records as the upstream counts them; an absent count is not known. */
  readonly total?: number;
  readonly processed?: number;
  readonly success?: number;
}

/** Port: an upstream that runs whole batches, at its batch price. Every method throws a Fault of Bedrock's catalogue. */
export interface BatchUpstream {
  /**
   * `s3://bucket/folder/` that submitters cannot write: inputs are copied there before they are submitted, and outputs
   * from there. Absent: the upstream reads and writes where the submitter says, who can change what lies there.
   */
  readonly workFolder?: string;
  /** The upstream's id of the batch, and whom its bill names for it. */
  submit(batch: UpstreamBatch): Promise<SubmittedBatch>;
  look(jobArn: string, facts: CallFacts): Promise<UpstreamBatchState>;
  stop(jobArn: string, facts: CallFacts): Promise<void>;
  /** What one record used, by its `modelOutput`; estimated and flagged where that does not say it. */
  usageOf(modelInput: JsonObject, modelOutput: JsonObject): Promise<TokenUsage>;
}
