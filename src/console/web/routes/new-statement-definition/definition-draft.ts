import { keyOf, wireKeyOf } from '../../report/report-key.ts';
import type { KeptDefinition, WireAddress, WireDefinition, WireSharedCost } from '../statements/statement-calls.ts';

/** A definition while it is written: addresses and numbers are the text of their fields. */
export interface DefinitionDraft {
  readonly name: string;
  readonly kind: WireDefinition['Kind'];
  readonly prefix: string;
  /** `tag:iamPrincipal/team`, `category:Product line`, `account`. */
  readonly by: string;
  readonly book: WireDefinition['Book'];
  readonly detail: WireDefinition['Detail'];
  readonly sharedCosts: readonly WireSharedCost[];
  readonly values: readonly ValueDraft[];
  readonly recipients: string;
  readonly minimumUsd: string;
  readonly dueDays: string;
  readonly paper: WireDefinition['Paper'];
  readonly debitAccount: string;
  readonly creditAccount: string;
  readonly creditCostCenter: string;
}

export interface ValueDraft {
  readonly value: string;
  readonly title: string;
  readonly costCenter: string;
  readonly debitAccount: string;
  readonly recipients: string;
}

export function emptyDraft(by: string): DefinitionDraft {
  return {
    ...{ name: '', kind: 'showback', prefix: 'SHB', by, book: 'primary', detail: 'model', sharedCosts: [], values: [] },
    ...{ recipients: '', minimumUsd: '0', dueDays: '30', paper: 'A4' },
    ...{ debitAccount: '', creditAccount: '', creditCostCenter: '' },
  };
}

export function draftOf(kept: KeptDefinition): DefinitionDraft {
  return {
    ...{ name: kept.Name, kind: kept.Kind, prefix: kept.Prefix, by: wordOf(kept.Key), book: kept.Book },
    ...{ detail: kept.Detail, sharedCosts: kept.SharedCosts, recipients: addressText(kept.Recipients) },
    values: kept.Values.map(({ Value, Title = '', CostCenter = '', DebitAccount = '', Recipients }) => ({
      ...{ value: Value, title: Title, costCenter: CostCenter, debitAccount: DebitAccount },
      recipients: addressText(Recipients),
    })),
    ...{ minimumUsd: kept.MinimumUsd, dueDays: String(kept.DueDays), paper: kept.Paper },
    ...{ debitAccount: kept.DebitAccount, creditAccount: kept.CreditAccount, creditCostCenter: kept.CreditCostCenter },
  };
}

export function definitionOf(draft: DefinitionDraft): WireDefinition {
  return {
    ...{
      Name: draft.name.trim(),
      Kind: draft.kind,
      Prefix: draft.prefix.trim(),
      Book: draft.book,
      Detail: draft.detail,
    },
    Key: wireKeyOf(keyOf(draft.by) ?? { dimension: 'account' }),
    SharedCosts: draft.sharedCosts,
    Values: draft.values
      .filter(({ title, costCenter, debitAccount, recipients }) => `${title}${costCenter}${debitAccount}${recipients}`)
      .map(({ value, title, costCenter, debitAccount, recipients }) => ({
        Value: value,
        ...(title.trim() && { Title: title.trim() }),
        ...(costCenter.trim() && { CostCenter: costCenter.trim() }),
        ...(debitAccount.trim() && { DebitAccount: debitAccount.trim() }),
        Recipients: addressesIn(recipients),
      })),
    Recipients: addressesIn(draft.recipients),
    ...{ MinimumUsd: draft.minimumUsd.trim() || '0', DueDays: Number(draft.dueDays) || 0, Paper: draft.paper },
    ...{ DebitAccount: draft.debitAccount.trim(), CreditAccount: draft.creditAccount.trim() },
    CreditCostCenter: draft.creditCostCenter.trim(),
  };
}

/** What a preview needs of it: without names, accounts and addresses, which it does not show, and shares that are not chosen yet. */
export function previewedOf(draft: DefinitionDraft): WireDefinition {
  const complete = definitionOf(draft);
  return {
    ...{ ...complete, Name: 'preview', Kind: 'showback', Prefix: 'PREVIEW' },
    SharedCosts: complete.SharedCosts.filter(({ Values, Charges }) => Values.length + Charges.length > 0),
    ...{ Values: [], Recipients: [] },
  };
}

/** Addresses between spaces, commas or semicolons; ARNs are topics. */
export function addressesIn(text: string): WireAddress[] {
  return text
    .split(/[\s,;]+/)
    .filter(Boolean)
    .map((Address) => ({ Type: Address.startsWith('arn:') ? 'SNS' : 'EMAIL', Address }));
}

function addressText(addresses: readonly WireAddress[]): string {
  return addresses.map(({ Address }) => Address).join(', ');
}

function wordOf({ Type, Key }: KeptDefinition['Key']): string {
  if (Type === 'TAG') return `tag:${Key}`;
  if (Type === 'COST_CATEGORY') return `category:${Key}`;
  return Type === 'MEMBERSHIP' ? `membership:${Key}` : Key;
}
