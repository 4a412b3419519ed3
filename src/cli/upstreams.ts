import type { TallylineClient } from './client.ts';
import { type Column, formatTable } from './table.ts';
import type { VerbParts } from './verb-parts.ts';

/** As far as a row shows it; `--json` prints all of it. */
interface ListedUpstream {
  readonly Name: string;
  readonly State: string;
  readonly FailingModels: readonly string[];
  readonly InFlight: number;
  readonly Queued: number;
  readonly ErrorPercent?: number;
  readonly LatencyP50Ms?: number;
  readonly LatencyP95Ms?: number;
  readonly LastFailure?: { readonly At: string; readonly Code: string; readonly Message: string };
}

const COLUMNS: readonly Column[] = [
  { title: 'upstream', align: 'left' },
  { title: 'state', align: 'left' },
  { title: 'in flight', align: 'right' },
  { title: 'queued', align: 'right' },
  { title: 'errors', align: 'right' },
  { title: 'p50 ms', align: 'right' },
  { title: 'p95 ms', align: 'right' },
  { title: 'last failure', align: 'left' },
];

const MESSAGE_CHARACTERS_MAX = 80;

interface UpstreamsOptions {
  readonly data: string;
  readonly json?: boolean;
}

/** `tallyline upstreams`: who runs the models, and how they do. */
export function upstreamsVerb({ verb, client, print }: VerbParts): void {
  verb('upstreams', 'who runs the models, and how they do')
    .option('--json', 'JSON')
    .action((options: UpstreamsOptions) => listUpstreams(client(options), options, print));
}

async function listUpstreams(client: TallylineClient, options: UpstreamsOptions, print: (text: string) => void) {
  const { Upstreams } = await client.call<{ Upstreams: ListedUpstream[] }>('ListUpstreams', {});
  print(options.json ? JSON.stringify(Upstreams, null, 2) : formatTable(COLUMNS, Upstreams.map(rowOf)));
}

function rowOf(one: ListedUpstream): string[] {
  const { ErrorPercent: errors, LatencyP50Ms: p50, LatencyP95Ms: p95, LastFailure: last } = one;
  const shown = (number: number | undefined, unit = '') => (number === undefined ? '-' : `${number}${unit}`);
  const failing =
    one.State === 'closed' && one.FailingModels.length > 0 ? ` (not ${one.FailingModels.join(', ')})` : '';
  return [
    one.Name,
    one.State + failing,
    shown(one.InFlight),
    shown(one.Queued),
    shown(errors, ' %'),
    shown(p50),
    shown(p95),
    last ? `${last.At} ${last.Code}: ${last.Message.slice(0, MESSAGE_CHARACTERS_MAX)}` : '-',
  ];
}
