import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { Fault } from '../../kernel/fault.ts';
import { collect } from '../repeated-option.ts';
import { readKey, wireKey } from '../report/report-key.ts';

export interface DefinitionOptions {
  readonly data: string;
  readonly file?: string;
  readonly by?: string;
  readonly kind?: string;
  readonly prefix?: string;
  readonly book?: string;
  readonly tokenClasses?: boolean;
  readonly shareValue: readonly string[];
  readonly shareCharge: readonly string[];
  readonly shareRule?: string;
  readonly costCenter: readonly string[];
  readonly sendTo: readonly string[];
  readonly minimum?: string;
  readonly dueDays?: string;
  readonly debit?: string;
  readonly credit?: string;
  readonly creditCostCenter?: string;
  readonly paper?: string;
}

export function definitionOptions(command: Command): Command {
  return command
    .option('--file <json>', 'the whole definition as the API takes it; other options lie over it')
    .option('--by <key>', 'who: tag:team, category:NAME, membership:NAME, account or principal')
    .option('--kind <kind>', 'showback or chargeback (default: showback)')
    .option('--prefix <letters>', 'that numbers begin with (default: SHB or CHB)')
    .option('--book <book>', 'ledger or bill (default: the primary book)')
    .option('--token-classes', 'a line for each class of tokens')
    .option('--share-value <value>', 'whose cost others bear; "" is what has no value; repeat for more', collect, [])
    .option('--share-charge <type>', 'charges that all bear: Fee, Tax, Credit, Refund; repeat for more', collect, [])
    .option('--share-rule <rule>', 'even, cost, tokens, requests or metric:NAME (default: cost)')
    .option('--cost-center <value=center>', 'of a value; repeat for more', collect, [])
    .option('--send-to <value=address>', 'who gets it, or an address for all; repeat for more', collect, [])
    .option('--minimum <usd>', 'a total of less is carried to the next month (default: 0)')
    .option('--due-days <days>', 'from the issue (default: 30)')
    .option('--debit <account>', 'ledger account of a chargeback that is debited')
    .option('--credit <account>', 'ledger account that is credited')
    .option('--credit-cost-center <center>', 'cost center that is relieved')
    .option('--paper <size>', 'A4 or LETTER (default: A4)');
}

/** The definition in the members of the API. Throws QueryInvalid for options that say nothing. */
export function readDefinitionOptions(name: string, options: DefinitionOptions): object {
  const file = options.file === undefined ? {} : (JSON.parse(readFileSync(options.file, 'utf8')) as object);
  const { by, kind, prefix, book, minimum, dueDays, debit, credit, creditCostCenter, paper } = options;
  const values = valuesOf(options);
  const shared = options.shareValue.length + options.shareCharge.length > 0;
  return {
    ...file,
    Name: name,
    ...(by !== undefined && { Key: wireKey(readKey(by)) }),
    ...(kind !== undefined && { Kind: kind }),
    ...(prefix !== undefined && { Prefix: prefix }),
    ...(book !== undefined && { Book: book }),
    ...(options.tokenClasses && { Detail: 'meter' }),
    ...(shared && {
      SharedCosts: [
        {
          ...{ Name: 'Shared costs', Values: options.shareValue, Charges: options.shareCharge },
          ...ruleOf(options.shareRule ?? 'cost'),
        },
      ],
    }),
    ...(values.length > 0 && { Values: values }),
    ...(options.sendTo.some((text) => !text.includes('=')) && {
      Recipients: options.sendTo.filter((text) => !text.includes('=')).map(addressOf),
    }),
    ...(minimum !== undefined && { MinimumUsd: minimum }),
    ...(dueDays !== undefined && { DueDays: Number(dueDays) }),
    ...(debit !== undefined && { DebitAccount: debit }),
    ...(credit !== undefined && { CreditAccount: credit }),
    ...(creditCostCenter !== undefined && { CreditCostCenter: creditCostCenter }),
    ...(paper !== undefined && { Paper: paper }),
  };
}

/** `metric:tickets` is the rule `metric` with the business metric `tickets`. */
function ruleOf(text: string): object {
  return text.startsWith('metric:') ? { Rule: 'metric', Metric: text.slice('metric:'.length) } : { Rule: text };
}

/** What cost centers and recipients say of each value, together. */
function valuesOf({ costCenter, sendTo }: DefinitionOptions): object[] {
  const centers = new Map(costCenter.map((text) => pairOf('--cost-center', text)));
  const receivers = sendTo.filter((text) => text.includes('=')).map((text) => pairOf('--send-to', text));
  const values = new Set([...centers.keys(), ...receivers.map(([value]) => value)]);
  return [...values].map((value) => ({
    Value: value,
    ...(centers.has(value) && { CostCenter: centers.get(value)! }),
    Recipients: receivers.filter(([of]) => of === value).map(([, address]) => addressOf(address)),
  }));
}

export function addressOf(address: string): { readonly Type: string; readonly Address: string } {
  return { Type: address.startsWith('arn:') ? 'SNS' : 'EMAIL', Address: address };
}

function pairOf(option: string, text: string): readonly [string, string] {
  const at = text.lastIndexOf('=');
  if (at < 0) throw new Fault('QueryInvalid', `${option} \`${text}\` is not valid: use VALUE=TEXT`);
  return [text.slice(0, at), text.slice(at + 1)];
}
