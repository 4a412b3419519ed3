import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FolderObjectStore } from '../../src/adapters/folder-object-store.ts';
import { SqliteRecordStore } from '../../src/adapters/sqlite-record-store.ts';
import { type InvocationJob, invocationJobArn } from '../../src/batches/invocation-job.ts';
import { InvocationJobs } from '../../src/batches/invocation-jobs.ts';
import type { BatchUpstream, UpstreamBatch, UpstreamBatchState } from '../../src/inference/batch-upstream.ts';
import type { JsonObject } from '../../src/inference/model-call.ts';
import { Fault } from '../../src/kernel/fault.ts';
import { MINUTE_MS } from '../../src/kernel/time.ts';
import type { UsageEvent } from '../../src/metering/usage-event.ts';
import { type BatchPathParts, runInvocationJob } from '../../src/paths/batch-path.ts';
import { JobHolds } from '../../src/paths/job-holds.ts';
import { BEDROCK_RUNTIME_INFERENCE } from '../../src/services/bedrock-runtime.ts';
import { caller, TestNode, testTime } from '../admission/node.ts';
import { Installation, MANAGEMENT, policy } from '../identity/installation.ts';

export const BUCKET = { name: 'batches', region: 'us-east-1' };
const TRUST = policy({
  Effect: 'Allow',
  Principal: { Service: 'bedrock.amazonaws.com' },
  Action: 'sts:AssumeRole',
});

/** An upstream that does what the test says, and remembers what it was told. */
export class ScriptedBatches implements BatchUpstream {
  workFolder?: string;
  state: UpstreamBatchState = { status: 'underWay', message: '', isStopping: false };
  /** Thrown by every method while it is set. */
  fault: Fault | undefined;
  readonly submitted: UpstreamBatch[] = [];
  stops = 0;

  async submit(batch: UpstreamBatch) {
    if (this.fault) throw this.fault;
    this.submitted.push(batch);
    return {
      jobArn: 'arn:aws:bedrock:us-east-1:999999999999:model-invocation-job/upstreamjob1',
      isGatewayPrincipal: false,
    };
  }

  async look() {
    if (this.fault) throw this.fault;
    return this.state;
  }

  async stop() {
    this.stops += 1;
  }

  async usageOf(_input: JsonObject, output: JsonObject) {
    const { input_tokens: inputTokens, output_tokens: outputTokens } = output.usage as Record<string, number>;
    return { inputTokens: inputTokens!, outputTokens: outputTokens!, isEstimated: false, raw: '' };
  }
}

/** The path of a batch that an upstream runs, with everything but the upstream real. */
export class DelegatedBatch {
  readonly time = testTime();
  readonly node = new TestNode(this.time);
  readonly upstream = new ScriptedBatches();
  readonly jobs = new InvocationJobs(new SqliteRecordStore(':memory:', () => this.time.nowMs));
  readonly events: UsageEvent[] = [];
  readonly troubles: string[] = [];
  readonly #root = mkdtempSync(join(tmpdir(), 'tallyline-delegated-'));
  readonly store = new FolderObjectStore(this.#root);
  readonly #installation: Installation;
  #parts: BatchPathParts;

  private constructor(installation: Installation) {
    this.#installation = installation;
    this.#parts = this.#newParts();
  }

  static async start(): Promise<DelegatedBatch> {
    const { installation, admin } = await Installation.start();
    await installation.call('CreateRole', admin, { RoleName: 'BatchRole', AssumeRolePolicyDocument: TRUST });
    await installation.call('PutRolePolicy', admin, {
      ...{ RoleName: 'BatchRole', PolicyName: 'inline' },
      PolicyDocument: policy({ Effect: 'Allow', Action: ['s3:GetObject', 's3:PutObject'], Resource: '*' }),
    });
    return new DelegatedBatch(installation);
  }

  /** The role loses what it was allowed. */
  async dropRole(): Promise<void> {
    const keys = await this.#installation.rootKeys(MANAGEMENT);
    await this.#installation.call('DeleteRolePolicy', keys, { RoleName: 'BatchRole', PolicyName: 'inline' });
  }

  close(): void {
    rmSync(this.#root, { recursive: true, force: true });
  }

  /** A new process: what was in memory is gone. */
  restart(): void {
    this.#parts = this.#newParts();
    for (const job of this.jobs.underWay()) if (job.handover) this.#parts.holds.resume(job);
  }

  /** Submits a job of so many records, `maxTokens` each, and looks at it once. */
  async submit(recordIds: readonly string[], maxTokens?: number, name = 'ann'): Promise<string> {
    const lines = recordIds.map((recordId) => inputLine(recordId, maxTokens));
    await this.store.put(BUCKET, 'in/a.jsonl', lines.join('\n'));
    const job: InvocationJob = {
      ...{ jobId: 'abcdefghijkl', accountId: MANAGEMENT, region: 'us-east-1', name: 'nightly', modelId: 'cheap' },
      ...{ invocationType: 'InvokeModel', roleArn: `arn:aws:iam::${MANAGEMENT}:role/BatchRole` },
      ...{ input: { bucket: 'batches', key: 'in/a.jsonl' }, output: { bucket: 'batches', key: 'out/' } },
      ...{ timeoutHours: 24, submitter: caller(name), sourceIp: '192.0.2.1', userAgent: 'test', tags: [] },
      ...{ submittedAtMs: this.time.nowMs, modifiedAtMs: this.time.nowMs, status: 'Submitted', message: '' },
    };
    await this.jobs.create(job);
    await this.look();
    return invocationJobArn(job);
  }

  async look(): Promise<void> {
    for (const job of this.jobs.underWay()) {
      await runInvocationJob(invocationJobArn(job), this.#parts, new AbortController().signal);
    }
  }

  get job(): InvocationJob {
    return this.jobs.get(`arn:aws:bedrock:us-east-1:${MANAGEMENT}:model-invocation-job/abcdefghijkl`)!;
  }

  /** The upstream has ended the job and written its output; the files have the time of that end. */
  async end(
    lines: readonly object[],
    reported: Partial<UpstreamBatchState> & { manifest?: object | undefined } = {},
    folder = 'out/upstreamjob1/',
  ): Promise<void> {
    const { manifest = MANIFEST, ...state } = reported;
    await this.store.put(BUCKET, `${folder}a.jsonl.out`, lines.map((line) => JSON.stringify(line)).join('\n'));
    await this.store.put(BUCKET, `${folder}manifest.json.out`, JSON.stringify(manifest));
    this.time.nowMs += MINUTE_MS;
    this.upstream.state = {
      ...{ status: 'completed', message: '', isStopping: false, endedAtMs: Date.now() },
      ...{ total: 2, processed: 2, success: 2 },
      ...state,
    };
  }

  usage(): { inputTokens: number; outputTokens: number; isEstimated: boolean }[] {
    return this.events.map(({ usage: { inputTokens, outputTokens, isEstimated } }) => ({
      ...{ inputTokens, outputTokens, isEstimated },
    }));
  }

  #newParts(): BatchPathParts {
    const { upstream, jobs, store, node } = this;
    const backend = { name: 'aws', batches: upstream };
    const route = { name: 'aws', backend, modelName: (modelId: string) => modelId };
    const model = { modelId: 'cheap', route: 'in_region', resourceArn: 'arn:cheap', foundationModelArn: 'arn:cheap' };
    const parts = {
      ...{ jobs, recordsAtOnce: 1, maxRecords: 10, holds: new JobHolds(node.gate), batchGate: node.gate },
      ...{ directory: this.#installation.directory, clock: () => this.time.nowMs, storeOf: () => store },
      catalog: { resolve: () => model, model: () => undefined },
      router: { upstreams: [route], route: () => ({ upstream: route, backend, upstreamModelId: 'cheap' }) },
      inference: { 'bedrock-runtime': BEDROCK_RUNTIME_INFERENCE },
      operations: {},
      journal: { admit: async () => {}, settle: async (event: UsageEvent) => void this.events.push(event) },
      metered: async (ids: readonly string[]) =>
        new Set(this.events.map(({ requestId }) => requestId).filter((id) => ids.includes(id))),
      onTrouble: (message: string) => void this.troubles.push(message),
    };
    return parts as unknown as BatchPathParts;
  }
}

export function inputLine(recordId: string, maxTokens?: number): string {
  const modelInput = { prompt: 'hello', ...(maxTokens !== undefined && { max_tokens: maxTokens }) };
  return JSON.stringify({ recordId, modelInput });
}

export function outputLine(recordId: string, inputTokens: number, outputTokens: number) {
  const usage = { input_tokens: inputTokens, output_tokens: outputTokens };
  return { recordId, modelInput: { prompt: 'hello' }, modelOutput: { usage } };
}

/** Of two records of 10 and 5 tokens. */
const MANIFEST = { inputTokenCount: 20, outputTokenCount: 10 };

export const refused = (message: string) => new Fault('ValidationException', message);
