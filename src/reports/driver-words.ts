import { formatUsdRounded, magnitude } from '../kernel/money.ts';
import { changeOf, type Driver } from './change-drivers.ts';
import type { ChangeReason, ExplainedCell, PeriodLengths } from './change-reasons.ts';
import { cachedOf, type FigureCells, shares, type ToldReason, topReason } from './change-words.ts';
import { type GroupKey, OTHER } from './report-query.ts';

/** Who or what a path of drivers comes to, in words: `nightly of role app-7 on anthropic.claude-sonnet-4-6`. */
export function subjectWords(path: readonly Pick<Driver, 'key' | 'value'>[]): string {
  if (path.length === 0) return 'what was asked about';
  const words = path.map(({ key, value }) => valueWords(key, value));
  // Who is behind it stands first; a team is known from its member.
  const who = path.findLastIndex(({ key }) => isWho(key));
  const first = who === -1 ? 0 : who;
  return [
    words[first]!,
    ...path.flatMap(({ key }, index) => (index > first ? [`${preposition(key)} ${words[index]}`] : [])),
  ].join(' ');
}

function isWho(key: GroupKey): boolean {
  return 'dimension' in key && ['principal', 'role', 'session', 'person', 'key', 'client'].includes(key.dimension);
}

function preposition(key: GroupKey): string {
  if (!('dimension' in key)) return 'under';
  if (key.dimension === 'region' || key.dimension === 'account' || key.dimension === 'direction') return 'in';
  return key.dimension === 'meter' ? 'in' : 'on';
}

function valueWords(key: GroupKey, value: string): string {
  if (value === OTHER) return 'all others';
  if ('tag' in key) return `${key.tag.split('/').at(-1)} ${value === '' ? 'without a value' : value}`;
  if (!('dimension' in key)) {
    const name = 'costCategory' in key ? key.costCategory : key.membership;
    return `${name} ${value === '' ? 'without a value' : value}`;
  }
  if (value === '') return key.dimension === 'principal' ? 'usage without a principal' : `no ${key.dimension}`;
  if (key.dimension === 'principal') return principalWords(value);
  return key.dimension === 'model' || key.dimension === 'direction' ? value : `${key.dimension} ${value}`;
}

/** `alice`, `nightly of role app-7`, `the sessions of role app-7`. */
export function principalWords(arn: string): string {
  const [, role, session] = /^arn:[^:]*:sts::[0-9]*:assumed-role\/([^/]+)\/(.+)$/.exec(arn) ?? [];
  if (role === undefined) return arn.split(/[/:]/).at(-1)!;
  return session === '*' ? `the sessions of role ${role}` : `${session} of role ${role}`;
}

/** `412.10 USD`; small amounts with more digits. */
export function usdWords(picoUsd: bigint): string {
  const amount = magnitude(picoUsd);
  const digits = amount === 0n || amount >= 10n ** 10n ? 2 : amount >= 10n ** 8n ? 4 : 6;
  return `${formatUsdRounded(amount, digits).replace(/\B(?<!\..*)(?=(\d{3})+(?!\d))/g, ',')} USD`;
}

/** What a driver's sentence is made of. */
export interface DriverFacts {
  readonly driver: Pick<Driver, 'beforePicoUsd' | 'afterPicoUsd' | 'cells'>;
  readonly lengths: PeriodLengths;
  readonly figures?: FigureCells;
  /** `2026-11-12 02:00 (Europe/Berlin)`, and the figures of the time from then on. */
  readonly since?: { readonly text: string; readonly cells: readonly ExplainedCell[] };
}

/** What a driver did and its largest reason. */
export function driverSentence(path: readonly Pick<Driver, 'key' | 'value'>[], facts: DriverFacts): string {
  const change = changeOf(facts.driver);
  const clause = reasonClause(facts);
  const head = `${subjectWords(path)} cost ${usdWords(change)} ${change < 0n ? 'less' : 'more'}`;
  return `${head}${clause ? `: ${clause}` : ''}${facts.since ? `, since ${facts.since.text}` : ''}`;
}

/** The reason that did most in the direction of the difference, in words. */
export function reasonClause({ driver, lengths, figures = {}, since }: DriverFacts): string | undefined {
  const top = topReason(driver.cells, lengths, figures);
  if (!top) return undefined;
  // What it came to from then on says more than the mean of before and after.
  const sinceThen = since && topReason(since.cells, lengths);
  const told = sinceThen?.reason === top.reason ? sinceThen : undefined;
  const cells = told ? since!.cells : (figures.own ?? driver.cells);
  return CLAUSES[top.reason](told ?? top, cells, top.changePicoUsd > 0n);
}

type Clause = (reason: ToldReason, cells: readonly ExplainedCell[], isRise: boolean) => string;

const CLAUSES: Readonly<Record<ChangeReason, Clause>> = {
  newPrincipals: ({ text }, cells) => {
    const names = new Set(cells.filter(({ reasons }) => reasons.has('newPrincipals')).map(({ subject }) => subject));
    return names.size === 1 ? 'it used nothing before' : text;
  },
  gonePrincipals: ({ text }, cells) => {
    const names = new Set(cells.filter(({ reasons }) => reasons.has('gonePrincipals')).map(({ subject }) => subject));
    return names.size === 1 ? 'it is not used any more' : text;
  },
  periodLength: ({ text }) => `the period is of another length (${text})`,
  volume: ({ text }, _, isRise) => `it was used ${isRise ? 'more' : 'less'} (${text})`,
  tokensPerRequest: ({ text }, _, isRise) => `its calls got ${isRise ? 'longer' : 'shorter'} (${text})`,
  outputShare: ({ text }, _, isRise) => `${isRise ? 'more' : 'less'} was written (${text})`,
  cacheShare: (_, cells) => {
    const [before, after] = [cachedOf(cells, 'before'), cachedOf(cells, 'after')];
    const { from, to } = shares(before, after);
    // From a fifth or more to less than a twentieth.
    const isBreak = before[0] * 5n >= before[1] && after[0] * 20n < after[1];
    const isLess = after[0] * before[1] < before[0] * after[1];
    const verb = isBreak ? 'stopped hitting the cache' : isLess ? 'hit the cache less' : 'hit the cache more';
    return `its prompts ${verb} (cache reads ${from} → ${to})`;
  },
  modelMix: ({ text, modelId }, _, isRise) =>
    `its calls moved to ${isRise ? 'dearer' : 'cheaper'} models (${modelId}: ${text})`,
  routeMix: ({ text }, _, isRise) => `its calls moved to ${isRise ? 'dearer' : 'cheaper'} routes or regions (${text})`,
  tierMix: ({ text }, _, isRise) => `its calls moved to ${isRise ? 'dearer' : 'cheaper'} tiers (${text})`,
  price: ({ text, modelId }, _, isRise) =>
    `prices ${isRise ? 'rose' : 'fell'} (${modelId ? `${modelId} ` : ''}${text})`,
  tagging: ({ text }) => `usage ${text}`,
  otherCharges: ({ text }) => `other charges changed (${text})`,
};
