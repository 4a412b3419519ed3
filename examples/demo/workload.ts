import type { InferenceOperation } from '../../src/metering/usage-event.ts';
import { type Application, type Person, type Place, REGIONS } from './company.ts';
import { ADOPTION_DAYS } from './timeline.ts';

export const MODELS = {
  opus48: 'anthropic.claude-opus-4-8',
  opus46: 'anthropic.claude-opus-4-6-v1',
  sonnet46: 'anthropic.claude-sonnet-4-6',
  sonnet45: 'anthropic.claude-sonnet-4-5-20250929-v1:0',
  haiku: 'anthropic.claude-haiku-4-5-20251001-v1:0',
  novaLite: 'amazon.nova-lite-v1:0',
  llama: 'meta.llama3-3-70b-instruct-v1:0',
  gptOss: 'openai.gpt-oss-120b-1:0',
  embeddings: 'amazon.titan-embed-text-v2:0',
} as const;

/** How one kind of call of a workload looks. Functions are of the days before today. */
export interface CallShape {
  /** As callers name it. Absent: the application's inference profile. */
  readonly model?: string;
  readonly region: string;
  readonly operation: InferenceOperation;
  /** Share of the workload's calls, in proportion to those of the other shapes. */
  readonly weight: number | ((daysAgo: number) => number);
  /** Of everything that is read, cached or not: half of the calls read less. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Standard deviation of the logarithm of both. Absent: 0.5. */
  readonly spread?: number;
  /** Share of the input that is read from the cache. Absent: the model does not say. */
  readonly cacheRead?: number | ((daysAgo: number) => number);
  /** Share of the input that is written to the cache for five minutes. */
  readonly cacheWrite?: number;
  readonly isBatch?: boolean;
}

/** What hours of the local day calls come in, as weights of the hours from 0 to 23. */
export type Rhythm = readonly number[];

export const OFFICE: Rhythm = [0, 0, 0, 0, 0, 0, 0, 1, 4, 9, 11, 10, 6, 8, 11, 10, 8, 5, 2, 1, 1, 1, 0, 0];
export const CUSTOMERS: Rhythm = [1, 0.5, 0.3, 0.3, 0.5, 1, 3, 5, 7, 9, 10, 10, 10, 9, 9, 9, 9, 10, 11, 10, 8, 6, 4, 2];
export const NIGHT: Rhythm = [0, 8, 10, 10, 5, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

export interface Workload {
  readonly name: string;
  /** One of the two is there. */
  readonly person?: Person;
  readonly application?: Application;
  readonly place: Place;
  readonly shapes: readonly CallShape[];
  /** On a usual working day at the end of the history. */
  readonly callsPerDay: number;
  readonly rhythm: Rhythm;
  /** Calls of a Saturday or Sunday as a share of a working day's. */
  readonly weekend: number;
  /** Factor over 30 days. */
  readonly growth: number;
  /** Share of calls that fail. */
  readonly failing: number;
  readonly userAgent: string;
}

const PREFIXES: Readonly<Record<Place, string>> = { berlin: 'eu', 'new-york': 'us' };

/** A model through the geographic profile of a place. */
export function near(place: Place, model: string): Pick<CallShape, 'model' | 'region'> {
  return { model: `${PREFIXES[place]}.${model}`, region: REGIONS[place] };
}

/** Whether the data scientists had their newest model. */
export function isAdopted(daysAgo: number): boolean {
  return daysAgo <= ADOPTION_DAYS;
}
