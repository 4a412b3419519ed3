import { promptDigest } from '../admission/prompt-digest.ts';
import type { SpendClaim } from '../admission/spend-gate.ts';
import { RecentMap } from '../kernel/recent-map.ts';
import { BUCKET_MS, bucketStartMs } from '../kernel/time.ts';

/** Callers whose prompts are counted; the longest unused is forgotten. With all prompts: 20 MB. */
const CALLERS_MAX = 2_000;
/** Prompts of one caller in one bucket that are told apart; the rarest are forgotten. */
const PROMPTS_MAX = 64;

interface CallerPrompts {
  bucketMs: number;
  counts: Map<string, number>;
  /** Calls with the most frequent prompt of the bucket before. */
  before: number;
}

/** How often the same prompt of a caller comes in a bucket: of its digest the count alone is used. Each node counts by itself. */
export class PromptWatch {
  readonly #callers = new RecentMap<string, CallerPrompts>(CALLERS_MAX);

  note(claim: SpendClaim): void {
    const record = this.#recordOf(claim.caller.arn, bucketStartMs(claim.nowMs));
    const digest = promptDigest(claim);
    record.counts.set(digest, (record.counts.get(digest) ?? 0) + 1);
    if (record.counts.size > PROMPTS_MAX) forgetRarest(record.counts);
  }

  /** Calls with the most frequent prompt; of the bucket that is under way and the one before. */
  readonly repeatsOf = (principalArn: string, bucketMs: number): number => {
    const record = this.#callers.get(principalArn);
    if (!record) return 0;
    if (record.bucketMs === bucketMs) return mostOf(record.counts);
    return record.bucketMs - BUCKET_MS === bucketMs ? record.before : 0;
  };

  #recordOf(arn: string, bucketMs: number): CallerPrompts {
    const known = this.#callers.get(arn);
    if (known?.bucketMs === bucketMs) return known;
    const before = known?.bucketMs === bucketMs - BUCKET_MS ? mostOf(known.counts) : 0;
    const record = { bucketMs, counts: new Map<string, number>(), before };
    this.#callers.set(arn, record);
    return record;
  }
}

function mostOf(counts: ReadonlyMap<string, number>): number {
  let most = 0;
  for (const count of counts.values()) if (count > most) most = count;
  return most;
}

/** Half of the prompts, those that came less often than the others. */
function forgetRarest(counts: Map<string, number>): void {
  const ordered = [...counts].sort((a, b) => a[1] - b[1]);
  for (const [digest] of ordered.slice(0, PROMPTS_MAX / 2)) counts.delete(digest);
}
