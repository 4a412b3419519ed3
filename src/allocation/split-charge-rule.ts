import { Fault } from '../kernel/fault.ts';

/** How the cost of one value of a cost category is shared out, in the members of AWS's API. */
export interface SplitChargeRule {
  /** Empty: what has no value. */
  readonly Source: string;
  readonly Targets: readonly string[];
  readonly Method: 'FIXED' | 'PROPORTIONAL' | 'EVEN';
  /** For `FIXED` alone: the percentages of the targets, in their order. */
  readonly Parameters?: readonly SplitChargeParameter[] | undefined;
}

export interface SplitChargeParameter {
  readonly Type: 'ALLOCATION_PERCENTAGES';
  readonly Values: readonly string[];
}

const FRACTION_DIGITS = 10;
const HUNDRED_PERCENT = 100n * 10n ** BigInt(FRACTION_DIGITS);

/**
 * Throws ValidationException for rules that cannot be carried out: a value that is shared out is no target of any rule, so
 * that the order of the rules does not matter. AWS publishes no wording.
 */
export function checkSplitChargeRules(rules: readonly SplitChargeRule[]): void {
  const sources = new Set<string>();
  for (const { Source } of rules) {
    if (sources.has(Source)) throw invalid(`the source ${Source} is used in more than one rule`);
    sources.add(Source);
  }
  for (const rule of rules) {
    const shared = rule.Targets.find((target) => sources.has(target));
    if (shared !== undefined) throw invalid(`${shared} cannot be both a source and a target`);
    if (new Set(rule.Targets).size < rule.Targets.length) throw invalid('a target is used more than once in a rule');
    if (rule.Method === 'FIXED') allocationShares(rule);
  }
}

/** The shares of the targets of a `FIXED` rule; they sum to `HUNDRED_PERCENT`. */
export function allocationShares({ Targets, Parameters = [] }: SplitChargeRule): bigint[] {
  const [percentages, another] = Parameters;
  if (!percentages || another || percentages.Values.length !== Targets.length) {
    throw invalid('FIXED needs one allocation percentage for each target');
  }
  const shares = percentages.Values.map(readPercentage);
  if (shares.reduce((sum, share) => sum + share, 0n) !== HUNDRED_PERCENT) {
    throw invalid('the allocation percentages must sum to 100');
  }
  return shares;
}

function readPercentage(text: string): bigint {
  const [, whole, fraction = ''] = /^(\d{1,3})(?:\.(\d+))?$/.exec(text.trim()) ?? [];
  if (whole === undefined || fraction.length > FRACTION_DIGITS) {
    throw invalid(`${text} is no allocation percentage`);
  }
  return BigInt(whole + fraction.padEnd(FRACTION_DIGITS, '0'));
}

function invalid(reason: string): Fault {
  return new Fault('ValidationException', `Invalid split charge rule: ${reason}`);
}
