import { Fault } from '../kernel/fault.ts';
import { parsePicoUsd } from '../kernel/money.ts';
import { readPercentage } from '../kernel/percentage.ts';
import type { SharedCost, StatementDefinition } from './statement-definition.ts';

const HUNDRED_PERCENT = 1_000_000n;

/** Throws ValidationException for a definition that contradicts itself; sizes and words are the wire model's to check. */
export function checkDefinition(definition: StatementDefinition): void {
  checkMinimum(definition.minimumUsd);
  checkDistinct(
    definition.values.map(({ value }) => value),
    'is described twice: describe each value once',
  );
  checkDistinct(
    definition.sharedCosts.map(({ name }) => name),
    'names two shared costs: give each a name of its own',
  );
  const sources = new Set(definition.sharedCosts.flatMap(({ values }) => values));
  checkDistinct(
    definition.sharedCosts.flatMap(({ values }) => values),
    'is shared twice: a value can be shared by one rule alone',
  );
  for (const shared of definition.sharedCosts) checkShared(shared, sources);
  const { debit, credit } = definition.ledgerAccounts;
  if (definition.kind === 'chargeback' && (debit === '' || credit === '')) {
    throw invalid('a chargeback needs the ledger accounts that are debited and credited');
  }
}

/** What numbers and corrections rest on stays as it is once something was issued. Throws ConflictException. */
export function checkUnchanged(before: StatementDefinition, now: StatementDefinition): void {
  const fixed = ({ key, book, prefix, kind }: StatementDefinition) => JSON.stringify([key, book, prefix, kind]);
  if (fixed(before) === fixed(now)) return;
  throw new Fault(
    'ConflictException',
    `statements of \`${before.name}\` were issued, so its key, book, prefix and kind stay: create another definition`,
  );
}

function checkMinimum(text: string): void {
  let minimum: bigint;
  try {
    minimum = parsePicoUsd(text);
  } catch {
    throw invalid(`the minimum amount \`${text}\` is no decimal number`);
  }
  if (minimum < 0n) throw invalid(`the minimum amount \`${text}\` must not be negative`);
}

function checkShared(shared: SharedCost, sources: ReadonlySet<string>): void {
  const { name, values, charges, rule, among, percentages, metric } = shared;
  if ((rule === 'metric') !== (metric !== undefined)) {
    throw invalid(`\`${name}\` needs a business metric with the rule \`metric\`, and with no other`);
  }
  if (values.length + charges.length === 0)
    throw invalid(`\`${name}\` shares nothing: name values or types of charges`);
  const source = among?.find((value) => sources.has(value));
  if (source !== undefined) throw invalid(`\`${source}\` is shared itself, so it cannot bear a part of \`${name}\``);
  if (among?.length === 0) throw invalid(`nobody bears \`${name}\`: name values, or leave them out for all`);
  if (among) checkDistinct(among, `bears a part of \`${name}\` twice`);
  if (rule !== 'fixed') {
    if (percentages) throw invalid(`\`${name}\` has percentages: they are for the rule \`fixed\` alone`);
    return;
  }
  if (!among || percentages?.length !== among.length) {
    throw invalid(`\`${name}\` needs a percentage for each value that bears it`);
  }
  const parts = percentages.map((text) => {
    const part = readPercentage(text);
    if (part === undefined) throw invalid(`\`${text}\` is no percentage: use up to four digits after the point`);
    return part;
  });
  if (parts.reduce((sum, part) => sum + part, 0n) !== HUNDRED_PERCENT) {
    throw invalid(`the percentages of \`${name}\` must sum to 100`);
  }
}

function checkDistinct(names: readonly string[], what: string): void {
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) throw invalid(`\`${twice}\` ${what}`);
}

function invalid(message: string): Fault {
  return new Fault('ValidationException', message);
}
