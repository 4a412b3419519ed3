import { DAY_MS } from '../kernel/time.ts';
import { Parameters } from './compile-sql/parameters.ts';
import { USAGE_EVENT_TABLE } from './cost-schema.ts';
import type { CompiledQuery } from './cost-store.ts';
import type { TimeRange } from './time-bucket.ts';
import { ALL_USAGE, type Visibility, visibleConditions } from './visibility.ts';

/** How the calls of one principal to one model looked, in one way of use. */
export interface CallPattern {
  /** As `ChangeCell.subject`. */
  readonly subject: string;
  readonly modelId: string;
  readonly region: string;
  readonly route: string;
  /** `batch` for batch jobs. */
  readonly tier: string;
  readonly allCalls: bigint;
  /** Answers that were sent as they were written. */
  readonly streamed: bigint;
  /** What nine out of ten calls read at least, and half of them; nothing of it from a cache. */
  readonly commonTokens: bigint;
  readonly medianTokens: bigint;
  /** Calls that read at least `commonTokens`, and the five minutes in which there were any. */
  readonly calls: bigint;
  readonly windows: bigint;
  /** The calls of the last seven days of a longer range alone. */
  readonly isPart: boolean;
}

export interface PatternQuestion {
  readonly range: TimeRange;
  readonly visible?: Visibility;
  readonly subjects: readonly string[];
}

const LOOKED_AT_MS = 7 * DAY_MS;
const STREAMS = "('ConverseStream', 'InvokeModelWithResponseStream', 'RetrieveAndGenerateStream')";

export function compilePatterns({ range, visible = ALL_USAGE, subjects }: PatternQuestion): CompiledQuery {
  const parameters = new Parameters();
  const instant = (atMs: number) => `fromUnixTimestamp64Milli(${parameters.add('Int64', atMs)}, 'UTC')`;
  const startMs = Math.max(range.startMs, range.endMs - LOOKED_AT_MS);
  const names = parameters.add(
    'Array(String)',
    subjects.filter((subject) => !subject.endsWith('/*')),
  );
  const roles = subjects
    .filter((subject) => subject.endsWith('/*'))
    .map((subject) => parameters.add('String', subject.slice(0, -1)));
  const ofRole = roles.map((prefix) => `startsWith(principal_arn, ${prefix}), concat(${prefix}, '*')`);
  const subject =
    roles.length === 0 ? 'toString(principal_arn)' : `multiIf(${ofRole.join(', ')}, toString(principal_arn))`;
  const conditions = [
    `admitted_at >= ${instant(startMs)}`,
    `admitted_at < ${instant(range.endMs)}`,
    `(principal_arn IN ${names}${roles.map((prefix) => ` OR startsWith(principal_arn, ${prefix})`).join('')})`,
    ...visibleConditions(visible, (value) => parameters.add('String', value)),
  ];
  // Lengths and times of the calls wait in arrays, numbers alone: which of them count is known at the end.
  return parameters.statement(`SELECT ${subject} AS subject_, model_id AS model, region AS region_code, route AS route_, if(is_batch, 'batch', tier) AS tier_,
  count() AS all_calls, countIf(operation IN ${STREAMS}) AS streamed, quantileExactWeighted(0.1)(input_tokens, 1) AS common_tokens,
  quantileExactWeighted(0.5)(input_tokens, 1) AS median_tokens,
  arrayCount(tokens -> tokens >= common_tokens, groupArray(input_tokens) AS lengths) AS common_calls,
  arrayUniq(arrayFilter((at, tokens) -> tokens >= common_tokens, groupArray(toUInt32(toStartOfFiveMinutes(admitted_at))), lengths)) AS windows
FROM ${USAGE_EVENT_TABLE} WHERE ${conditions.join(' AND ')} AND input_tokens > 0
GROUP BY subject_, model, region_code, route_, tier_`);
}

/** A row of `compilePatterns`: counts are text or numbers. */
export type PatternRow = Readonly<Record<string, string | number>>;

export function callPattern(row: PatternRow, { range }: PatternQuestion): CallPattern {
  const count = (name: string) => BigInt(row[name]!);
  return {
    subject: String(row.subject_),
    modelId: String(row.model),
    region: String(row.region_code),
    route: String(row.route_),
    tier: String(row.tier_),
    allCalls: count('all_calls'),
    streamed: count('streamed'),
    commonTokens: count('common_tokens'),
    medianTokens: count('median_tokens'),
    calls: count('common_calls'),
    windows: count('windows'),
    isPart: range.endMs - range.startMs > LOOKED_AT_MS,
  };
}
