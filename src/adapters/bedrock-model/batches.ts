import type { BedrockClient, ModelInvocationJobStatus } from '@aws-sdk/client-bedrock';
import type {
  BatchUpstream,
  SubmittedBatch,
  UpstreamBatch,
  UpstreamBatchState,
} from '../../inference/batch-upstream.ts';
import { isJsonObject } from '../../inference/json-value.ts';
import type { CallFacts, JsonObject } from '../../inference/model-call.ts';
import type { TokenCounter } from '../../inference/token-counter.ts';
import type { TokenUsage } from '../../inference/token-usage.ts';
import type { CallCredentials, UpstreamCredentials } from '../../inference/upstream-credentials.ts';
import { completeUsage } from '../../inference/vendor-usage.ts';
import { Fault } from '../../kernel/fault.ts';
import { converseReportedUsage } from './converse-usage.ts';
import { nativeUsage } from './native-usage.ts';
import { upstreamModel } from './upstream-model.ts';

export interface BedrockBatchesOptions {
  /** Absent: AWS's own, by region. */
  readonly endpoint?: string | undefined;
  /** Absent: the region that the caller addressed. */
  readonly region?: string | undefined;
  readonly profiles?: Readonly<Record<string, string>> | undefined;
  /** Role at AWS that reads the input and writes the output. */
  readonly roleArn: string;
  /** As of `BatchUpstream`. */
  readonly workFolder?: string | undefined;
  readonly credentials: UpstreamCredentials;
  readonly counter: TokenCounter;
}

const REQUEST_TIMEOUT_MS = 30_000;

const STATES: Readonly<Partial<Record<ModelInvocationJobStatus, UpstreamBatchState['status']>>> = {
  Completed: 'completed',
  PartiallyCompleted: 'partiallyCompleted',
  Failed: 'failed',
  Stopped: 'stopped',
  Expired: 'expired',
};

/** Batch inference jobs at Amazon Bedrock, submitted as the caller. Rare, so through the AWS SDK, which is loaded when needed. */
export class BedrockBatches implements BatchUpstream {
  readonly workFolder?: string;
  readonly #options: BedrockBatchesOptions;

  constructor(options: BedrockBatchesOptions) {
    this.#options = options;
    if (options.workFolder !== undefined) this.workFolder = options.workFolder;
  }

  async submit(batch: UpstreamBatch): Promise<SubmittedBatch> {
    const { facts, name, invocationType, inputUri, outputUri, timeoutHours, token } = batch;
    const { CreateModelInvocationJobCommand } = await import('@aws-sdk/client-bedrock');
    const command = new CreateModelInvocationJobCommand({
      jobName: name,
      modelId: upstreamModel(facts, this.#options.profiles),
      modelInvocationType: invocationType,
      roleArn: this.#options.roleArn,
      clientRequestToken: token,
      inputDataConfig: { s3InputDataConfig: { s3Uri: inputUri, s3InputFormat: 'JSONL' } },
      outputDataConfig: { s3OutputDataConfig: { s3Uri: outputUri } },
      timeoutDurationInHours: timeoutHours,
    });
    return await this.#ask(facts, async (client, { principalArn, isGatewayPrincipal }) => {
      const { jobArn } = await client.send(command);
      return { jobArn: jobArn!, ...(principalArn !== undefined && { principalArn }), isGatewayPrincipal };
    });
  }

  async look(jobArn: string, facts: CallFacts): Promise<UpstreamBatchState> {
    const { GetModelInvocationJobCommand } = await import('@aws-sdk/client-bedrock');
    return await this.#ask(facts, async (client) => {
      const job = await client.send(new GetModelInvocationJobCommand({ jobIdentifier: jobArn }));
      const status = STATES[job.status!] ?? 'underWay';
      const endedAtMs = (job.endTime ?? job.lastModifiedTime)?.getTime();
      const { totalRecordCount: total, processedRecordCount: processed, successRecordCount: success } = job;
      return {
        status,
        message: job.message ?? '',
        isStopping: job.status === 'Stopping',
        ...(total !== undefined && { total }),
        ...(processed !== undefined && { processed }),
        ...(success !== undefined && { success }),
        ...(status !== 'underWay' && endedAtMs !== undefined && { endedAtMs }),
      };
    });
  }

  async stop(jobArn: string, facts: CallFacts): Promise<void> {
    const { StopModelInvocationJobCommand } = await import('@aws-sdk/client-bedrock');
    await this.#ask(facts, (client) => client.send(new StopModelInvocationJobCommand({ jobIdentifier: jobArn })));
  }

  async usageOf(modelInput: JsonObject, modelOutput: JsonObject): Promise<TokenUsage> {
    const { counter } = this.#options;
    const isConverse = isJsonObject(modelOutput.output) && isJsonObject(modelOutput.usage);
    const reported = isConverse
      ? converseReportedUsage(modelOutput.usage, modelOutput.trace)
      : (nativeUsage(modelOutput) ?? { isEstimated: true, raw: '' });
    return completeUsage(
      reported,
      () => counter.count([JSON.stringify(modelInput)]),
      () => counter.count([JSON.stringify(modelOutput)]),
    );
  }

  /** One client for each question: the credentials are the caller's. */
  async #ask<Answer>(
    facts: CallFacts,
    question: (client: BedrockClient, credentials: CallCredentials) => Promise<Answer>,
  ): Promise<Answer> {
    const { endpoint, region = facts.region, credentials } = this.#options;
    const held = await credentials.for(facts.caller, facts);
    const { BedrockClient } = await import('@aws-sdk/client-bedrock');
    const { accessKeyId, secretAccessKey, sessionToken } = held;
    const client = new BedrockClient({
      region,
      ...(endpoint !== undefined && { endpoint }),
      credentials: { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) },
      requestHandler: { requestTimeout: REQUEST_TIMEOUT_MS, connectionTimeout: REQUEST_TIMEOUT_MS },
    });
    try {
      return await question(client, held);
    } catch (error) {
      throw batchFault(error as Error & { readonly $metadata?: { readonly httpStatusCode?: number } });
    } finally {
      client.destroy();
    }
  }
}

/** AWS's refusal of the batch is the submitter's to read; that AWS is away is not the end of it. */
function batchFault(error: Error & { readonly $metadata?: { readonly httpStatusCode?: number } }): unknown {
  const status = error.$metadata?.httpStatusCode ?? 0;
  if (error instanceof Fault) return error;
  if (status >= 400 && status < 500 && status !== 429) {
    return new Fault('ValidationException', `Amazon Bedrock refused the batch: ${error.name}: ${error.message}`);
  }
  return new Fault('ServiceUnavailableException', `Amazon Bedrock does not answer: ${error.message}`);
}
