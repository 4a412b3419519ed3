import type { BatchClaim, BatchGate, BatchHold } from '../admission/spend-gate.ts';
import { type InvocationJob, invocationJobArn, type JobBound } from '../batches/invocation-job.ts';

/** What the jobs that upstreams run hold on budgets, by ARN, as long as this process lives. */
export class JobHolds {
  readonly #gate: BatchGate;
  readonly #holds = new Map<string, BatchHold>();

  constructor(gate: BatchGate) {
    this.#gate = gate;
  }

  /** Throws the refusal, having held nothing. */
  async reserve(job: InvocationJob, modelId: string, bound: JobBound): Promise<void> {
    this.#holds.set(invocationJobArn(job), await this.#gate.reserveBatch(claimOf(job, modelId, bound)));
  }

  /** What a job holds that was handed over, by this process or one before it. */
  resume(job: InvocationJob): BatchHold {
    const arn = invocationJobArn(job);
    const known = this.#holds.get(arn);
    if (known) return known;
    const { model, bound } = job.handover!;
    const resumed = this.#gate.resumeBatch(claimOf(job, model.modelId, bound));
    this.#holds.set(arn, resumed);
    return resumed;
  }

  /** Gives back what is left, if anything. */
  release(arn: string): void {
    this.#holds.get(arn)?.release();
    this.#holds.delete(arn);
  }
}

function claimOf({ submitter }: InvocationJob, modelId: string, bound: JobBound): BatchClaim {
  const { records, inputTokens, outputTokens, costPicoUsd, isUnpriced } = bound;
  return {
    caller: submitter,
    modelId,
    bound: {
      ...{ calls: records, inputTokens: BigInt(inputTokens), outputTokens: BigInt(outputTokens) },
      ...{ costPicoUsd: BigInt(costPicoUsd), isUnpriced },
    },
  };
}
