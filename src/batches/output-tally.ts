import type { JobBound } from './invocation-job.ts';
import { RecordIds } from './record-ids.ts';

interface Tokens {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** What an upstream says of a job that has ended, beside its output. */
export interface ReportedEnd {
  /** True where every record of the input was to be done. */
  readonly isComplete: boolean;
  /** From the upstream itself. An absent count is not known. */
  readonly total?: number;
  readonly processed?: number;
  readonly success?: number;
  /** Of `manifest.json.out`. Absent: there is none that can be read. */
  readonly manifest?: Tokens;
  /** Objects of the output that were written after the job had ended. */
  readonly rewritten: readonly string[];
}

/** How an output compares with what is known of its job. */
export interface Verdict extends Tokens {
  /** What does not agree, in words; empty where all does. The tokens are what is to be metered besides. */
  readonly disagreements: readonly string[];
}

/**
 * What the output of a job says that an upstream ran. Whoever may write where the output lies can change it, so it counts
 * only as far as it agrees with what was submitted and with what the upstream reports.
 */
export class OutputTally {
  readonly #ids = new RecordIds();
  #processed = 0;
  #success = 0;
  #unreadable = 0;
  #inputTokens = 0;
  #outputTokens = 0;

  get processed(): number {
    return this.#processed;
  }

  get success(): number {
    return this.#success;
  }

  /** `used`: all that was read as input, and what was written. Absent: the record failed, and cost nothing. */
  note(recordId: string, used?: Tokens): void {
    this.#ids.add(recordId);
    this.#processed += 1;
    if (!used) return;
    this.#success += 1;
    this.#inputTokens += used.inputTokens;
    this.#outputTokens += used.outputTokens;
  }

  noteUnreadable(): void {
    this.#unreadable += 1;
  }

  /**
   * Compares with what was submitted and reported. Where the manifest alone says more, that is what is missing; where
   * anything else is wrong, the whole bound is, less what the lines say.
   */
  verdict(bound: JobBound, end: ReportedEnd): Verdict {
    const wrong = this.#wrong(bound, end);
    const { manifest } = end;
    const lacks = (said: number, known: number) => Math.max(0, said - known);
    const most = wrong.length > 0 ? bound : undefined;
    const inputTokens = lacks(Math.max(manifest?.inputTokens ?? 0, most?.inputTokens ?? 0), this.#inputTokens);
    const outputTokens = lacks(Math.max(manifest?.outputTokens ?? 0, most?.outputTokens ?? 0), this.#outputTokens);
    const isMore =
      manifest && lacks(manifest.inputTokens, this.#inputTokens) + lacks(manifest.outputTokens, this.#outputTokens) > 0;
    return {
      disagreements: isMore ? [...wrong, 'manifest.json.out counts more tokens'] : wrong,
      inputTokens,
      outputTokens,
    };
  }

  #wrong(bound: JobBound, end: ReportedEnd): string[] {
    const wrong: string[] = end.rewritten.map((key) => `${key} was written after the job had ended`);
    const differs = (what: string, found: number, said: number | undefined) => {
      if (said !== undefined && found !== said) wrong.push(`${found} records ${what}, reported are ${said}`);
    };
    if (this.#unreadable > 0) wrong.push(`${this.#unreadable} lines are no records`);
    differs('are in the output', this.#processed, end.processed);
    differs('have an answer', this.#success, end.success);
    if (!end.isComplete) return wrong;
    if (!end.manifest) wrong.push('there is no manifest.json.out');
    differs('were submitted', bound.records, end.total);
    if (this.#processed !== bound.records)
      wrong.push(`${this.#processed} records are in the output, submitted were ${bound.records}`);
    else if (bound.recordIds !== undefined && this.#ids.digest() !== bound.recordIds)
      wrong.push('the record ids are not those of the input');
    return wrong;
  }
}
