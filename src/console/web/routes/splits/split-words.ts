import type { SplitChargeRule } from '../../../../allocation/split-charge-rule.ts';

/** A rule in a sentence: `Engineering goes to A and B, in proportion to their own cost`. */
export function splitWords({ Source, Targets, Method, Parameters }: SplitChargeRule): string {
  const percentages = Parameters?.[0]?.Values ?? [];
  const targets = Targets.map((target, at) => (Method === 'FIXED' ? `${target} (${percentages[at]} %)` : target));
  const how = { PROPORTIONAL: ', in proportion to their own cost', EVEN: ', in equal parts', FIXED: '' }[Method];
  return `${Source || 'What has no value'} goes to ${listed(targets)}${how}.`;
}

function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
