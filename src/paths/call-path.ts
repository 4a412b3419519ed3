import { Fault } from '../kernel/fault.ts';
import { DAY_MS } from '../kernel/time.ts';
import type { UsageEvent } from '../metering/usage-event.ts';
import type { PriceBook } from '../rating/price-book.ts';
import {
  type CallFilter,
  type CallKindRow,
  type CallPosition,
  type CallQuestion,
  type CallRow,
  type CallTariffs,
  callKindOf,
  callTariffs,
  compileAttempts,
  compileCallKinds,
  compileCalls,
  isAboutCost,
  requireAboutCalls,
} from '../reports/call-query.ts';
import { validateFilter } from '../reports/validate-query.ts';
import type { ReportDeps } from './report-path.ts';

export interface CallDeps extends ReportDeps {
  readonly prices: PriceBook;
}

/** Calls in the order that was asked for. */
export interface FoundCalls {
  readonly events: readonly UsageEvent[];
  /** Where the next page begins; absent when there is none. */
  readonly next?: CallPosition;
}

/** The store's last instant. */
const END_OF_TIME_MS = Date.UTC(2106, 0, 1);
/** All attempts at a request begin within this time: none is made for as long. */
const ATTEMPTS_MS = DAY_MS;

/** The way of a question about single calls: validate > price > compile > rank > read. Throws as `report` does. */
export async function findCalls(question: CallQuestion, deps: CallDeps, signal?: AbortSignal): Promise<FoundCalls> {
  validate(question, deps);
  const catalog = deps.costCatalog();
  const tariffs = isAboutCost(question) ? await tariffsOf(question, deps, signal) : undefined;
  const oneMore = { ...question, limit: question.limit + 1 };
  const ranked = (await deps.store.query<CallRow>(compileCalls(oneMore, catalog, tariffs), signal)).map(positionOf);
  const page = ranked.slice(0, question.limit);
  const events = await readEvents(page, deps);
  return { events, ...(page.length < ranked.length && { next: page.at(-1)! }) };
}

/** The call with an id. Undefined when there is none, or the store does not have it yet. */
export async function findCall(requestId: string, { store }: CallDeps): Promise<UsageEvent | undefined> {
  const [found] = await store.usageEventsOf([requestId], { startMs: 0, endMs: END_OF_TIME_MS });
  return found;
}

/** Every attempt at the request that a call is one of, in the order in which they were made. */
export async function findAttempts(call: UsageEvent, deps: CallDeps): Promise<UsageEvent[]> {
  const first = call.attemptOf === '' ? call : ((await findCall(call.attemptOf, deps)) ?? call);
  const range = { startMs: first.admittedAtMs, endMs: first.admittedAtMs + ATTEMPTS_MS };
  const rows = await deps.store.query<CallRow>(compileAttempts(call.attemptOf || call.requestId, range));
  const further = await readEvents(rows.map(positionOf), deps);
  return [first, ...further.filter(({ requestId }) => requestId !== first.requestId)];
}

function validate({ range, filter }: CallFilter, deps: CallDeps): void {
  const { startMs, endMs } = range;
  if (!(startMs >= 0 && startMs < endMs && endMs <= END_OF_TIME_MS)) {
    throw new Fault('QueryInvalid', 'the start of the range must be before its end, and both from 1970 to 2106');
  }
  if (!filter) return;
  validateFilter(filter);
  requireAboutCalls(filter, deps.costCatalog());
}

async function tariffsOf(filter: CallFilter, deps: CallDeps, signal: AbortSignal | undefined): Promise<CallTariffs> {
  const rows = await deps.store.query<CallKindRow>(compileCallKinds(filter, deps.costCatalog()), signal);
  return callTariffs(rows.map(callKindOf), deps.prices);
}

function positionOf({ id, at, call_cost }: CallRow): CallPosition {
  return {
    requestId: id,
    admittedAtMs: Number(at),
    ...(call_cost !== undefined && { costPicoUsd: BigInt(call_cost) }),
  };
}

async function readEvents(page: readonly CallPosition[], { store }: CallDeps): Promise<UsageEvent[]> {
  if (page.length === 0) return [];
  const instants = page.map(({ admittedAtMs }) => admittedAtMs);
  const range = { startMs: Math.min(...instants), endMs: Math.max(...instants) + 1 };
  const found = await store.usageEventsOf(
    page.map(({ requestId }) => requestId),
    range,
  );
  const byId = new Map(found.map((event) => [event.requestId, event]));
  return page.flatMap(({ requestId }) => byId.get(requestId) ?? []);
}
