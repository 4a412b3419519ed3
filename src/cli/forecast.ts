import { isoSeconds } from '../kernel/time.ts';
import { collect } from './repeated-option.ts';
import { readFilter, readKey, wireKey } from './report/report-key.ts';
import { type Column, formatTable } from './table.ts';
import { readRange } from './time-range.ts';
import type { VerbParts } from './verb-parts.ts';

interface ForecastOptions {
  readonly data: string;
  readonly by: string;
  readonly top: string;
  readonly to?: string;
  readonly level: string;
  readonly filter: readonly string[];
  readonly asOf?: string;
  readonly json?: boolean;
}

interface OutlookOptions {
  readonly data: string;
  readonly json?: boolean;
}

interface SpendForecast {
  readonly Value?: string;
  readonly ActualUsd: string;
  readonly ExpectedUsd?: string;
  readonly LowerUsd?: string;
  readonly UpperUsd?: string;
}

interface Forecasts {
  readonly Start: string;
  readonly End: string;
  readonly Level: number;
  readonly Total: SpendForecast;
  readonly Groups: readonly SpendForecast[];
  readonly Rest: SpendForecast;
}

interface Outlook {
  readonly Kind: string;
  readonly Name: string;
  readonly Value?: string;
  readonly Unit: string;
  readonly End: string;
  readonly Limit: string;
  readonly Actual: string;
  readonly IsPassed: boolean;
  readonly Expected?: string;
  readonly Lower?: string;
  readonly Upper?: string;
  readonly Chance?: string;
  readonly Earliest?: string;
  readonly Likely?: string;
  readonly Latest?: string;
}

const left = (title: string): Column => ({ title, align: 'left' });
const right = (title: string): Column => ({ title, align: 'right' });
const OUTLOOK_COLUMNS = [
  ...[
    left('kind'),
    left('budget'),
    left('ends'),
    right('limit'),
    right('so far'),
    right('expected'),
    right('80 % between'),
  ],
  ...[right('chance'), left('passes'), left('earliest to latest')],
];

/** `tallyline forecast --by ...`, `tallyline budget outlook [name]`. */
export function forecastVerbs({ program, verb, client, print, now }: VerbParts): void {
  verb('forecast', 'what this month, or another time that is not over, is expected to cost')
    .option('--by <key>', 'principal, model, tag:team, membership:team, ...', 'principal')
    .option('--top <count>', 'the costliest of the last four weeks, up to 25', '10')
    .option('--to <time>', 'up to this date (UTC; default: the end of the month)')
    .option('--level <percent>', 'share of outcomes between lower and upper', '80')
    .option('--filter <key=value>', 'keep only; repeat to narrow', collect, [])
    .option('--as-of <time>', 'whose structure memberships are read by: was (default), is, or an instant')
    .option('--json', 'JSON')
    .action(async (options: ForecastOptions) => {
      const answer = await client(options).call<Forecasts>('GetForecasts', {
        ...{ GroupBy: wireKey(readKey(options.by)), TopN: Number(options.top), Level: Number(options.level) },
        ...(options.filter.length > 0 && { Filter: { and: options.filter.map(readFilter) } }),
        ...(options.to !== undefined && {
          End: isoSeconds(readRange({ from: '1970-01-01', to: options.to }, now()).endMs),
        }),
        ...(options.asOf !== undefined && { AsOf: options.asOf.toUpperCase() }),
      });
      print(options.json ? JSON.stringify(answer, null, 2) : forecastText(answer));
    });
  // The group of hard budgets: an outlook is of budgets of either kind.
  const budget = program.commands.find((group) => group.name() === 'budget');
  verb('outlook [name]', 'whether budgets will be passed in this period, and when', budget)
    .option('--json', 'JSON')
    .action(async (name: string | undefined, options: OutlookOptions) => {
      const input = name === undefined ? {} : { Name: name };
      const { Outlooks } = await client(options).call<{ Outlooks: Outlook[] }>('GetBudgetOutlooks', input);
      if (options.json) return print(JSON.stringify(Outlooks, null, 2));
      print(Outlooks.length === 0 ? 'no budget has a limit and a period now' : outlookText(Outlooks));
    });
}

function forecastText({ Start, End, Level, Total, Groups, Rest }: Forecasts): string {
  const columns = [left('of'), right('so far USD'), right('expected USD'), right(`${Level} % between`)];
  const row = (name: string, { ActualUsd, ExpectedUsd, LowerUsd, UpperUsd }: SpendForecast) => [
    ...[name, ActualUsd, ExpectedUsd ?? 'too little history'],
    LowerUsd === undefined ? '' : `${LowerUsd} and ${UpperUsd}`,
  ];
  const rows = [
    ...Groups.map((group) => row(group.Value || '(none)', group)),
    row('(rest, so that the lines sum)', Rest),
    row('total', Total),
  ];
  const note =
    'each line is foreseen by itself: the lines need not sum to the total, and the rest is what is left of it';
  return `${Start.slice(0, 10)} to ${End.slice(0, 10)}\n\n${formatTable(columns, rows)}\n\n${note}`;
}

function outlookText(outlooks: readonly Outlook[]): string {
  return formatTable(
    OUTLOOK_COLUMNS,
    outlooks.map((one) => [
      ...[
        one.Kind,
        one.Value ? `${one.Name} (${one.Value})` : one.Name,
        one.End.slice(0, 10),
        `${one.Limit} ${one.Unit}`,
      ],
      ...[one.Actual, one.Expected ?? 'too little history'],
      one.Lower === undefined ? '' : `${one.Lower} and ${one.Upper}`,
      ...[one.Chance ?? '', one.IsPassed ? 'passed' : (one.Likely?.slice(0, 10) ?? '')],
      one.Earliest === undefined ? '' : `${one.Earliest.slice(0, 10)} to ${one.Latest?.slice(0, 10) ?? 'never'}`,
    ]),
  );
}
