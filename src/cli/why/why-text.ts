import { formatUsdRounded, parsePicoUsd } from '../../kernel/money.ts';
import type { TimeZone } from '../../kernel/time-zone.ts';
import { type Column, formatTable, visible } from '../table.ts';

/** What `tallyline why` prints of the answer of ExplainSpend. */
export interface Why {
  readonly Before: WirePeriod;
  readonly After: WirePeriod;
  readonly ComparedAs: string;
  readonly PreviousUsd: string;
  readonly CostUsd: string;
  readonly ChangeUsd: string;
  readonly Sentence: string;
  readonly Reasons: readonly WireReason[];
  readonly Path: readonly WireDriver[];
  readonly Drivers: readonly { readonly Key: WireKey; readonly Values: readonly WireDriver[] }[];
  readonly Since?: { readonly At: string; readonly Text: string; readonly IsInside: boolean };
  readonly Requests?: readonly WireCall[];
  readonly RequestsFrom?: string;
  readonly RequestsTo?: string;
  readonly Suggestions: readonly WireSuggestion[];
  readonly Anomaly?: { readonly AnomalyId: string; readonly ActualUsd: string; readonly ExpectedUsd: string };
}

interface WirePeriod {
  readonly Start: string;
  readonly End: string;
}

interface WireKey {
  readonly Type: string;
  readonly Key: string;
}

interface WireReason {
  readonly Reason: string;
  readonly ChangeUsd: string;
  readonly Text: string;
  readonly ModelId?: string;
}

interface WireDriver {
  readonly Key?: WireKey;
  readonly Value: string;
  readonly IsOther?: boolean;
  readonly ChangeUsd: string;
  readonly Share?: string;
  readonly Sentence: string;
}

interface WireCall {
  readonly RequestId: string;
  readonly AdmittedAt: string;
  readonly ModelId: string;
  readonly InputTokens: string;
  readonly OutputTokens: string;
  readonly CacheReadInputTokens?: string;
  readonly CostUsd: string;
}

interface WireSuggestion {
  readonly Sentence: string;
  readonly SavingUsd: string;
  readonly AddsUsd: string;
  readonly Assumption: string;
  readonly IsWhatIf: boolean;
}

/** What each reason is called. */
const REASON_WORDS: Readonly<Record<string, string>> = {
  newPrincipals: 'new principals',
  gonePrincipals: 'gone principals',
  periodLength: 'length of the period',
  volume: 'volume',
  modelMix: 'model mix',
  routeMix: 'route mix',
  tierMix: 'tier mix',
  tokensPerRequest: 'tokens per request',
  outputShare: 'share written',
  cacheShare: 'cache',
  price: 'price',
  tagging: 'tagging',
  otherCharges: 'other charges',
};

const text = (title: string): Column => ({ title, align: 'left' });
const number = (title: string): Column => ({ title, align: 'right' });

/** The sentence first, then what it rests on. */
export function whyText(why: Why, zone: TimeZone): string {
  const sections = [
    visible(why.Sentence),
    head(why, zone),
    why.Reasons.length > 0 &&
      formatTable(
        [text('reason'), number('USD'), text('')],
        why.Reasons.map(({ Reason, ChangeUsd, Text, ModelId }) => [
          REASON_WORDS[Reason] ?? Reason,
          signed(ChangeUsd),
          ModelId === undefined ? Text : `${ModelId}: ${Text}`,
        ]),
      ),
    why.Path.length > 0 &&
      [
        'down to',
        ...why.Path.map(
          ({ Sentence, Share }) => `  ${visible(Sentence)}${Share ? ` (${Share} of the step before)` : ''}`,
        ),
      ].join('\n'),
    why.Since && since(why.Since),
    ...why.Drivers.filter(({ Values }) => Values.length > 0).map(({ Key, Values }) =>
      formatTable(
        [text(keyWord(Key)), number('USD'), number('share'), text('')],
        Values.map(({ Value, IsOther, ChangeUsd, Share, Sentence }) => [
          IsOther ? '(others)' : Value || '(none)',
          signed(ChangeUsd),
          Share ?? '',
          Sentence.split(': ').slice(1).join(': '),
        ]),
      ),
    ),
    calls(why),
    why.Suggestions.length > 0 && ['could have cost less', ...why.Suggestions.flatMap(suggestion)].join('\n'),
  ];
  return sections.filter(Boolean).join('\n\n');
}

function head({ Before, After, ComparedAs, PreviousUsd, CostUsd, ChangeUsd, Anomaly }: Why, zone: TimeZone): string {
  const from = (period: WirePeriod) =>
    `${zone.text(Date.parse(period.Start)).slice(0, 16)} .. ${zone.text(Date.parse(period.End)).slice(0, 16)}`;
  const percent = percentOf(ChangeUsd, PreviousUsd);
  return [
    `${usd(PreviousUsd)} -> ${usd(CostUsd)} USD, ${signed(ChangeUsd)}${percent}`,
    `${from(After)} against ${from(Before)} ${zone.name} (${ComparedAs})`,
    ...(Anomaly
      ? [`anomaly ${Anomaly.AnomalyId}: ${usd(Anomaly.ActualUsd)} USD where ${usd(Anomaly.ExpectedUsd)} was expected`]
      : []),
  ].join('\n');
}

function since({ Text, IsInside }: NonNullable<Why['Since']>): string {
  return IsInside ? `since ${Text}` : `from the beginning of the period on, ${Text}, or before`;
}

function calls({ Requests, RequestsFrom, RequestsTo, Path }: Why): string | undefined {
  if (!Requests || Requests.length === 0) return undefined;
  const options = Path.flatMap(({ Key, Value }) => {
    if (Key?.Key === 'principal' && !Value.endsWith('/*')) return [`--principal ${quoted(Value)}`];
    return Key?.Key === 'model' ? [`--model ${quoted(Value)}`] : [];
  });
  const table = formatTable(
    [
      text('costliest calls'),
      text('model'),
      number('input'),
      number('output'),
      number('cache read'),
      number('USD'),
      text('request id'),
    ],
    Requests.map((call) => [
      call.AdmittedAt,
      call.ModelId,
      call.InputTokens,
      call.OutputTokens,
      call.CacheReadInputTokens ?? '-',
      call.CostUsd,
      call.RequestId,
    ]),
  );
  const command = `tallyline requests --costliest --from ${quarter(RequestsFrom!)} --to ${quarter(RequestsTo!)} ${options.join(' ')}`;
  return `${table}\n\nmore of them: ${command.trimEnd()}`;
}

/** As `--from` takes it. */
function quarter(instant: string): string {
  return `${new Date(instant).toISOString().slice(0, 16)}Z`;
}

/** For a shell. */
function quoted(value: string): string {
  return /^[\w:./@+=,-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`;
}

function suggestion({ Sentence, SavingUsd, AddsUsd, Assumption, IsWhatIf }: WireSuggestion): string[] {
  const isApart = AddsUsd === SavingUsd;
  const adds = AddsUsd === '0' ? 'instead of what is above' : `${usd(AddsUsd)} USD beside what is above`;
  const notes = [...(IsWhatIf ? ['what if'] : []), ...(isApart ? [] : [adds])];
  return [
    `  ${visible(Sentence)}${notes.length > 0 ? ` [${notes.join(', ')}]` : ''}`,
    `      if ${visible(Assumption)}`,
  ];
}

function keyWord({ Type, Key }: WireKey): string {
  return Type === 'DIMENSION' ? Key : `${Type === 'TAG' ? 'tag' : 'category'}:${Key.split('/').at(-1)}`;
}

function percentOf(part: string, whole: string): string {
  const [change, before] = [parsePicoUsd(part), parsePicoUsd(whole)];
  if (before === 0n) return '';
  const tenths = formatUsdRounded((change * 100n * 10n ** 12n) / before, 1);
  return ` (${change > 0n ? '+' : ''}${tenths} %)`;
}

function usd(exact: string): string {
  return formatUsdRounded(parsePicoUsd(exact), 2);
}

function signed(exact: string): string {
  const picoUsd = parsePicoUsd(exact);
  const small = picoUsd !== 0n && picoUsd < 10n ** 10n && picoUsd > -(10n ** 10n);
  return `${picoUsd > 0n ? '+' : ''}${formatUsdRounded(picoUsd, small ? 6 : 2)}`;
}
