import { Fault } from '../kernel/fault.ts';
import type { TallylineClient } from './client.ts';
import { type ScopeOptions, scopeOptions, scopeText, type WireScope, wireScope } from './spend-scope.ts';
import { type Column, formatTable } from './table.ts';
import { instantAfter } from './time-span.ts';
import type { VerbParts } from './verb-parts.ts';

interface StopOptions extends ScopeOptions {
  readonly data: string;
  readonly reason: string;
  readonly for?: string;
  readonly cutStreams?: boolean;
  readonly everybody?: boolean;
}

interface Stop {
  readonly StopId: string;
  readonly Scope: WireScope;
  readonly Reason: string;
  readonly ExpiresAt?: string;
  readonly CreatedAt: string;
  readonly CreatedBy: string;
}

const COLUMNS: readonly Column[] = ['stop', 'for', 'until', 'reason', 'since', 'by'].map((title) => ({
  title,
  align: 'left',
}));

/** `tallyline stop`, `stops` and `resume`. */
export function stopVerbs({ verb, client, print, now }: VerbParts): void {
  scopeOptions(verb('stop', 'refuse calls at once: the kill switch'))
    .requiredOption('--reason <text>', 'told to whoever is refused')
    .option('--for <time>', 'how long: 30m, 8h or 7d (default: until it is lifted)')
    .option('--cut-streams', 'end streams that are under way too')
    .option('--everybody', 'everybody: instead of saying whom')
    .action((options: StopOptions) => stop(client(options), options, now(), print));
  verb('stops', 'stops in force, newest first').action(async (options: { data: string }) => {
    const stops = await allStops(client(options));
    print(stops.length === 0 ? 'nothing is stopped' : formatTable(COLUMNS, stops.map(row)));
  });
  verb('resume <stop>', 'lift a stop').action(async (id: string, options: { data: string }) => {
    await client(options).call('ResumeInference', { StopId: id });
  });
}

async function stop(
  client: TallylineClient,
  options: StopOptions,
  nowMs: number,
  print: (text: string) => void,
): Promise<void> {
  const Scope = wireScope(options);
  const isNobodyNamed = Object.keys(Scope).length === 0;
  if (isNobodyNamed !== (options.everybody ?? false)) {
    throw new Fault('QueryInvalid', 'say whom to stop, or --everybody');
  }
  const { InferenceStop } = await client.call<{ InferenceStop: Stop }>('StopInference', {
    ...{ Scope, Reason: options.reason, CutStreams: options.cutStreams ?? false },
    ...(options.for !== undefined && { ExpiresAt: instantAfter('--for', options.for, nowMs) }),
  });
  print(formatTable(COLUMNS, [row(InferenceStop)]));
}

async function allStops(client: TallylineClient): Promise<Stop[]> {
  const stops: Stop[] = [];
  let token: string | undefined;
  do {
    const page = await client.call<{ InferenceStops: Stop[]; NextToken?: string }>('ListInferenceStops', {
      ...(token !== undefined && { NextToken: token }),
    });
    stops.push(...page.InferenceStops);
    token = page.NextToken;
  } while (token !== undefined);
  return stops;
}

function row({ StopId, Scope, ExpiresAt, Reason, CreatedAt, CreatedBy }: Stop): string[] {
  return [StopId, scopeText(Scope), ExpiresAt ?? '', Reason, CreatedAt, CreatedBy];
}
