import { type TimeZone, timeZoneOf } from '../../../../kernel/time-zone.ts';
import { type SearchParams, searchText } from '../../display/view-state.ts';
import { reportInput } from '../../report/get-report.ts';
import { conditionText } from '../../report/report-filter.ts';
import { byValue } from '../../report/report-sums.ts';
import { timeText } from '../../time/time-text.ts';
import type { Answer } from './answer.ts';
import { type ExplorerQuestion, oneQuestion } from './question.ts';

/** In single quotes for a POSIX shell. */
function quoted(text: string): string {
  return /^[A-Za-z0-9_./:=@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

const EVERY = { TOTAL: 'total', QUARTER_HOURLY: 'quarter-hour', HOURLY: 'hour', DAILY: 'day', MONTHLY: 'month' };

/**
 * The number of groups to ask for in one question, in which what has no tag is a group like others: those that are shown, and
 * what has no tag if it is larger than one of them.
 */
export function topOf({ question, groups }: Answer): number {
  const { measure, view } = question;
  if (!groups.some(({ kind }) => kind === 'other')) return view.top;
  const named = groups.filter(({ kind }) => kind === 'named');
  const unallocated = groups.find(({ kind }) => kind === 'unallocated');
  const last = named.at(-1);
  const isAmong = unallocated && last && byValue(measure.of(unallocated.sums), measure.of(last.sums)) <= 0;
  return named.length + (isAmong ? 1 : 0);
}

/** The address of the view as others see it: with the zone that its days are of. */
export function linkOf(origin: string, pathname: string, search: SearchParams, { zoneName }: ExplorerQuestion): string {
  return `${origin}${pathname}${searchText({ ...search, zone: zoneName })}`;
}

/** A date where a day of the zone begins, else an instant. */
function cliTime(atMs: number, zone: TimeZone): string {
  const { year, month, day } = zone.dateOf(atMs);
  if (zone.dayStartMs(year, month, day) === atMs) return timeText(atMs, zone, 'date');
  return `${new Date(atMs).toISOString().slice(0, 16)}Z`;
}

/** The same question for the command line; its numbers are those on screen. */
export function cliCommand(
  { view, measure, span, granularity, zoneName, scope }: ExplorerQuestion,
  top: number,
): string {
  const zone = timeZoneOf(zoneName)!;
  const words = [
    ...['tallyline', 'report', '--by', quoted(view.by.length > 0 ? view.by.join(',') : EVERY[granularity])],
    ...['--every', EVERY[granularity]],
    ...['--from', cliTime(span.startMs, zone), '--to', cliTime(span.endMs, zone), '--time-zone', zoneName],
    ...view.filters.flatMap((filter) => ['--filter', quoted(conditionText(filter))]),
    ...(view.by.length > 0 ? ['--top', String(top)] : []),
    ...(view.book ? ['--book', view.book] : []),
    ...(view.by.length > 0 && measure.ranksBy !== 'cost' ? ['--top-by', measure.ranksBy] : []),
    ...(measure.word === 'cost' ? [] : ['--measure', measure.word]),
    ...(scope === undefined || scope === 'ALL' ? [] : ['--scope', scope.toLowerCase()]),
  ];
  return words.join(' ');
}

/** The question as one call of the API, signed by curl with the credentials of the environment. */
export function curlCommand(origin: string, region: string, question: ExplorerQuestion, top: number): string {
  const input = reportInput(oneQuestion(question, top));
  return [
    `curl ${quoted(`${origin}/api/v1/tallyline/GetReport`)}`,
    `--aws-sigv4 aws:amz:${region}:tallyline`,
    '--user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY"',
    "--header 'content-type: application/json'",
    `--data ${quoted(JSON.stringify(input))}`,
  ].join(' \\\n  ');
}

/** Cost Explorer's names of what this server has beyond it are for those who ask for extensions; these are AWS's own. */
const AWS_DIMENSIONS: Readonly<Record<string, string>> = {
  account: 'LINKED_ACCOUNT',
  region: 'REGION',
  service: 'SERVICE',
  'usage-type': 'USAGE_TYPE',
  operation: 'OPERATION',
  'record-type': 'RECORD_TYPE',
  'billing-entity': 'BILLING_ENTITY',
};

const EXTENDED_DIMENSIONS: Readonly<Record<string, string>> = {
  principal: 'IAM_PRINCIPAL',
  person: 'IAM_PERSON',
  role: 'IAM_ROLE',
  session: 'IAM_SESSION',
  key: 'IAM_KEY',
  client: 'CLIENT',
  model: 'MODEL',
  direction: 'DIRECTION',
  route: 'ROUTE',
  tier: 'TIER',
  upstream: 'UPSTREAM',
};

const AWS_METRICS: Readonly<Record<string, string>> = { cost: 'UnblendedCost', 'net-cost': 'NetUnblendedCost' };
const AWS_GRANULARITIES: Readonly<Record<string, string>> = { HOURLY: 'HOURLY', DAILY: 'DAILY', MONTHLY: 'MONTHLY' };

function awsGroup(word: string): string | undefined {
  if (word.startsWith('category:')) return `Type=COST_CATEGORY,Key=${quoted(word.slice(9))}`;
  if (word.startsWith('tag:')) return `Type=TAG,Key=${quoted(word.slice(4).replace(/^resourceTags\//, ''))}`;
  const name = AWS_DIMENSIONS[word] ?? EXTENDED_DIMENSIONS[word];
  return name && `Type=DIMENSION,Key=${name}`;
}

function awsExpression({ filters }: ExplorerQuestion['view']): object | undefined {
  const parts = filters.map(({ word, mode, values }) => {
    const Key =
      AWS_DIMENSIONS[word] ?? EXTENDED_DIMENSIONS[word] ?? word.replace(/^(tag|category):(resourceTags\/)?/, '');
    const MatchOptions = values.every((value) => value === '') ? ['ABSENT'] : ['EQUALS'];
    const match = { Key, ...(MatchOptions[0] === 'EQUALS' && { Values: values }), MatchOptions };
    const kind = word.startsWith('tag:') ? 'Tags' : word.startsWith('category:') ? 'CostCategories' : 'Dimensions';
    return mode === 'exclude' ? { Not: { [kind]: match } } : { [kind]: match };
  });
  return parts.length > 1 ? { And: parts } : parts[0];
}

/** The question as Cost Explorer takes it; undefined where it has no words for it, or days of another zone than UTC. */
export function awsCommand(
  endpoint: string,
  { view, measure, span, granularity, zoneName }: ExplorerQuestion,
): string | undefined {
  const metric = AWS_METRICS[measure.word];
  const every = AWS_GRANULARITIES[granularity];
  const groups = view.by.map(awsGroup);
  if (!metric || !every || zoneName !== 'UTC' || groups.includes(undefined)) return undefined;
  const zone = timeZoneOf(zoneName)!;
  const time = (atMs: number) => (every === 'HOURLY' ? zone.text(atMs) : timeText(atMs, zone, 'date'));
  const isExtended =
    view.by.length > 2 ||
    [...view.by, ...view.filters.map(({ word }) => word)].some((word) => word in EXTENDED_DIMENSIONS);
  const filter = awsExpression(view);
  return [
    `${isExtended ? 'AWS_SDK_UA_APP_ID=tallyline-extensions ' : ''}aws ce get-cost-and-usage --endpoint-url ${quoted(endpoint)}`,
    `--time-period Start=${time(span.startMs)},End=${time(span.endMs)}`,
    `--granularity ${every} --metrics ${metric}`,
    ...(groups.length > 0 ? [`--group-by ${groups.join(' ')}`] : []),
    ...(filter ? [`--filter ${quoted(JSON.stringify(filter))}`] : []),
  ].join(' \\\n  ');
}
