import type { UpstreamFacts } from '../../inference/model-backend.ts';
import { type TokenUsage, totalInputTokens } from '../../inference/token-usage.ts';
import { failureKindOf } from '../../inference/upstream-failure.ts';
import { Fault } from '../../kernel/fault.ts';
import type { Clock } from '../../kernel/time.ts';
import type { Admission, UsageEvent, UsageStatus } from '../../metering/usage-event.ts';
import type { UsageJournal } from '../../metering/usage-journal.ts';
import { type Admitted, CHARACTERS_PER_TOKEN } from './admit.ts';
import { FailedAttempt } from './failed-attempt.ts';
import type { StreamEnd } from './metered-stream.ts';

export interface SettleParts {
  readonly clock: Clock;
  readonly journal: UsageJournal;
}

/** Of the vendor's raw usage object as the journal writes it; the journal keeps that much room for every open request. */
const USAGE_RAW_BYTES_MAX = 2_000;

/** How a call ended, before it is known what an absent usage means. */
export interface Ending {
  readonly endedAtMs: number;
  readonly usage: TokenUsage;
  readonly clientGone: boolean;
  /** Milliseconds; absent where nothing was streamed. */
  readonly firstTokenMs?: number;
  readonly upstream?: UpstreamFacts;
}

/** What is settled: the call, and what its budgets hold for it. */
type Settled = Pick<Admitted, 'admission' | 'attempt'> & { readonly hold: Pick<Admitted['hold'], 'settle'> };

/** Records a call that was answered in full. */
export function settleCompleted(settled: Omit<Settled, 'attempt'>, ending: Ending, parts: SettleParts): Promise<void> {
  return record(outcome(settled.admission, 'completed', ending), settled, parts);
}

const NO_FIELDS: Fault['fields'] = {};

/** Records a call that did not end well. */
export async function settleFailure(
  settled: Settled,
  end: StreamEnd & Pick<Ending, 'firstTokenMs'>,
  parts: SettleParts,
): Promise<FailedAttempt> {
  const { admission } = settled;
  const error = end.error ?? new Fault('ModelStreamErrorException', 'The model stream ended before it was complete.');
  const { usage: reported, upstream: facts, ...fields } = error instanceof Fault ? error.fields : NO_FIELDS;
  const upstream = (facts as UpstreamFacts | undefined) ?? end.upstream;
  const usage = (reported as TokenUsage | undefined) ?? end.usage ?? consumed(admission, end);
  const event = outcome(admission, end.hasStarted ? 'cut' : 'failed', {
    endedAtMs: parts.clock(),
    usage,
    clientGone: end.clientGone,
    ...(end.firstTokenMs !== undefined && { firstTokenMs: end.firstTokenMs }),
    ...(upstream && { upstream }),
  });
  const errorCode = error instanceof Fault ? error.code : 'InternalFailure';
  const { turn, limit } = settled.attempt;
  const kind = limit.isUnwanted ? undefined : failureKindOf(error);
  if (kind === undefined) turn.left();
  else turn.failed(error, kind);
  await record({ ...event, errorCode }, settled, parts);
  const shown = error instanceof Fault && (reported || facts) ? new Fault(error.code, error.message, fields) : error;
  return new FailedAttempt(shown, kind, isUsed(usage));
}

/** Budgets first: what was spent counts also where the journal cannot say so. */
function record(event: UsageEvent, { hold }: Pick<Settled, 'hold'>, { journal }: SettleParts): Promise<void> {
  hold.settle(event);
  return journal.settle(event);
}

/** Nothing where the model never answered; else what went by, estimated. */
function consumed(admission: Admission, end: StreamEnd): TokenUsage {
  if (!end.hasStarted) return { inputTokens: 0, outputTokens: 0, isEstimated: false, raw: '' };
  const outputTokens = Math.ceil(end.outputCharacters / CHARACTERS_PER_TOKEN);
  return { inputTokens: admission.inputTokensEstimate, outputTokens, isEstimated: true, raw: '' };
}

function isUsed(usage: TokenUsage): boolean {
  return totalInputTokens(usage) + usage.outputTokens > 0 || usage.units !== undefined;
}

function outcome(
  admission: Admission,
  status: UsageStatus,
  { endedAtMs, usage, clientGone, firstTokenMs, upstream }: Ending,
): UsageEvent {
  return {
    ...admission,
    endedAtMs,
    ...(firstTokenMs !== undefined && { firstTokenMs }),
    status,
    errorCode: '',
    tier: upstream?.tier ?? admission.tier,
    usage: hasBoundedRaw(usage) ? usage : { ...usage, raw: '' },
    upstreamRequestId: upstream?.requestId ?? '',
    upstreamPrincipalArn: upstream?.principalArn ?? '',
    isGatewayPrincipal: upstream?.isGatewayPrincipal ?? false,
    clientGone,
  };
}

/** JSON text inside JSON grows by its escapes, six bytes a character at worst. */
function hasBoundedRaw({ raw }: TokenUsage): boolean {
  return raw.length * 6 <= USAGE_RAW_BYTES_MAX || Buffer.byteLength(JSON.stringify(raw)) <= USAGE_RAW_BYTES_MAX;
}
