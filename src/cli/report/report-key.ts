import { hasTagPrefix, TAG_PREFIX } from '../../kernel/billing-tag-key.ts';
import { Fault } from '../../kernel/fault.ts';
import type { Dimension, GroupKey, ReportFilter } from '../../reports/report-query.ts';

/** The words of `--by` and `--filter`; a tag is `tag:team`, short for `tag:iamPrincipal/team`, a cost category `category:Team`, a structure `membership:team`. */
const DIMENSIONS: Readonly<Record<string, Dimension>> = {
  principal: 'principal',
  role: 'role',
  session: 'session',
  person: 'person',
  key: 'key',
  client: 'client',
  model: 'model',
  'usage-type': 'usageType',
  direction: 'direction',
  meter: 'meter',
  context: 'context',
  batch: 'batch',
  estimated: 'estimated',
  unpriced: 'unpriced',
  state: 'state',
  region: 'region',
  account: 'account',
  operation: 'operation',
  route: 'route',
  tier: 'tier',
  service: 'service',
  resource: 'resource',
  upstream: 'upstream',
  'record-type': 'recordType',
  'invoice-line': 'invoiceLine',
  'corrected-period': 'correctedPeriod',
  'billing-entity': 'billingEntity',
  provider: 'provider',
};

/** Words of `--by` that say how often instead. */
export const TIME_WORDS = ['quarter-hour', 'hour', 'day', 'month'];

/** Throws QueryInvalid with the words there are. */
export function readKey(word: string): GroupKey {
  if (word.startsWith('tag:')) {
    const key = word.slice(4);
    if (key) return { tag: hasTagPrefix(key) ? key : `${TAG_PREFIX.principal}${key}` };
  }
  if (word.startsWith('category:') && word !== 'category:') return { costCategory: word.slice(9) };
  if (word.startsWith('membership:') && word !== 'membership:') return { membership: word.slice(11) };
  const dimension = Object.hasOwn(DIMENSIONS, word) ? DIMENSIONS[word] : undefined;
  if (!dimension) {
    const known = [...Object.keys(DIMENSIONS), 'tag:KEY', 'category:NAME', 'membership:NAME', ...TIME_WORDS].join(', ');
    throw new Fault('QueryInvalid', `\`${word}\` is nothing to group or filter by: use ${known}`);
  }
  return { dimension };
}

/** As GetReport takes it. */
export function wireKey(key: GroupKey): { Type: string; Key: string } {
  if ('tag' in key) return { Type: 'TAG', Key: key.tag };
  if ('membership' in key) return { Type: 'MEMBERSHIP', Key: key.membership };
  return 'costCategory' in key
    ? { Type: 'COST_CATEGORY', Key: key.costCategory }
    : { Type: 'DIMENSION', Key: key.dimension };
}

/** `model=a|b`, `model!=a`, `tag:team=` (has no value). */
export function readFilter(text: string): ReportFilter {
  const [, word, operator, values] = /^([^=!]+)(!?=)(.*)$/s.exec(text) ?? [];
  if (!word || !operator || values === undefined) {
    throw new Fault('QueryInvalid', `--filter \`${text}\` is not valid: use KEY=VALUE, KEY!=VALUE or KEY=VALUE|VALUE`);
  }
  const key = readKey(word.trim());
  const filter: ReportFilter = values === '' ? { absent: key } : { key, equalsAny: values.split('|') };
  return operator === '!=' ? { not: filter } : filter;
}
