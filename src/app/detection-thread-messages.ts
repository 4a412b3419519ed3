import type { Finding } from '../detection/finding.ts';
import type { Sensitivity, UsageGrain } from '../detection/suspicion.ts';
import type { UsageSlice } from '../detection/usage-slice.ts';

/** What the detection thread is told; it answers each with the same id. */
export type ToDetectionThread = { readonly id: number } & DetectionOrder;

export type DetectionOrder =
  | {
      readonly kind: 'begin';
      readonly tagKeys: readonly string[];
      readonly subjectsMax: number;
      /** Findings of an imported bill have other ids than those of what was metered. */
      readonly book: 'ledger' | 'bill';
    }
  | { readonly kind: 'learn'; readonly slices: readonly UsageSlice[]; readonly length: UsageGrain }
  /** Findings of an earlier process that were not over. */
  | { readonly kind: 'resume'; readonly findings: readonly Finding[] }
  | {
      readonly kind: 'round';
      readonly slices: readonly UsageSlice[];
      readonly nowMs: number;
      /** By subject. */
      readonly sensitivities: ReadonlyMap<string, Sensitivity>;
    }
  /** Hours or days of a bill, each whole, one after the other. */
  | {
      readonly kind: 'billed';
      readonly slices: readonly UsageSlice[];
      readonly usageGrain: '1h' | '1d';
      readonly nowMs: number;
      readonly sensitivities: ReadonlyMap<string, Sensitivity>;
    }
  | { readonly kind: 'settle'; readonly findingId: string; readonly isUsual: boolean };

/** `findings`: of a round or a bill, those that are new or have changed; of a bill, one that changed again comes again. */
export interface FromDetectionThread {
  readonly id: number;
  readonly findings: readonly Finding[];
}
