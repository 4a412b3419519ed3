import type { Finding } from '../detection/finding.ts';
import type { Sensitivity } from '../detection/suspicion.ts';
import type { UsageSlice } from '../detection/usage-slice.ts';

/** What the detection thread is told; it answers each with the same id. */
export type ToDetectionThread = { readonly id: number } & DetectionOrder;

export type DetectionOrder =
  | { readonly kind: 'begin'; readonly tagKeys: readonly string[]; readonly subjectsMax: number }
  | { readonly kind: 'learn'; readonly slices: readonly UsageSlice[]; readonly quarters: 1 | 4 }
  /** Findings of an earlier process that were not over. */
  | { readonly kind: 'resume'; readonly findings: readonly Finding[] }
  | {
      readonly kind: 'round';
      readonly slices: readonly UsageSlice[];
      readonly nowMs: number;
      /** By subject. */
      readonly sensitivities: ReadonlyMap<string, Sensitivity>;
    }
  | { readonly kind: 'settle'; readonly findingId: string; readonly isUsual: boolean };

/** `findings`: of a round, those that are new or have changed. */
export interface FromDetectionThread {
  readonly id: number;
  readonly findings: readonly Finding[];
}
