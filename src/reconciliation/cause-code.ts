/**
 * Why an amount differs between bill and ledger. What a code leaves to the next ones, and how each is told, is in
 * docs/RECONCILIATION.md.
 */
export const CAUSE_CODES = [
  'MATCHED',
  'LATE',
  'MISSING_IN_LEDGER',
  'MISSING_IN_BILL',
  'PRICE_DIFFERENCE',
  'QUANTITY_DIFFERENCE',
  'CACHE_DOUBLE_CHARGED',
  'ROUNDING',
  'DISCOUNT',
  'CREDIT',
  'TAX_OR_FEE',
  'IDENTITY_COLLAPSED',
  'TAGS_DIFFERENT',
  'ESTIMATE_REPLACED',
  'UNRECOGNISED',
  'REST',
] as const;
export type CauseCode = (typeof CAUSE_CODES)[number];

/**
 * What a code asks for. `agreed`: nothing differs. `expected`: money differs as it should. `attribution`: money agrees, and
 * the bill names somebody or something else. `open`: somebody has to look.
 */
export type CauseKind = 'agreed' | 'expected' | 'attribution' | 'open';

export interface Cause {
  readonly kind: CauseKind;
  /** Two or three words. */
  readonly title: string;
  readonly meaning: string;
  /** Empty where nothing is to be done. */
  readonly remedy: string;
}

export const CAUSES: Readonly<Record<CauseCode, Cause>> = {
  MATCHED: {
    kind: 'agreed',
    title: 'matched',
    meaning: 'bill and ledger say the same: who, what, how much, and what it cost',
    remedy: '',
  },
  LATE: {
    kind: 'expected',
    title: 'late',
    meaning: 'the bill has it in another hour, day or delivery, or does not reach so far yet',
    remedy: 'wait for the next delivery; the month is compared anew when it arrives',
  },
  MISSING_IN_LEDGER: {
    kind: 'open',
    title: 'around the gateway',
    meaning: 'the bill has usage that never passed through here',
    remedy:
      'find who it is by the principal; take `bedrock:Invoke*` from everybody but the role of the gateway, or let its traffic come through here',
  },
  MISSING_IN_BILL: {
    kind: 'open',
    title: 'missing in the bill',
    meaning: 'the ledger has usage that the bill does not have, although it reaches so far',
    remedy:
      'see whether the export leaves out accounts, rows or columns; what AWS did not bill after the month is final it will not bill',
  },
  PRICE_DIFFERENCE: {
    kind: 'open',
    title: 'other price',
    meaning: 'the same quantity costs something else than the price book says, or is billed on other terms',
    remedy: 'put the billed price under `prices` in the configuration and run `tallyline rerate`; or ask AWS about it',
  },
  QUANTITY_DIFFERENCE: {
    kind: 'open',
    title: 'other quantity',
    meaning: 'the same caller, model and token class in the same time, and another number of pieces',
    remedy:
      'look at the calls behind it: attempts that failed after they had run, or somebody else with the credentials',
  },
  CACHE_DOUBLE_CHARGED: {
    kind: 'open',
    title: 'cache charged twice',
    meaning: 'tokens that were read from or written to a cache are billed as plain input as well',
    remedy: 'claim the amount from AWS: the rows name the hours and the tokens',
  },
  ROUNDING: {
    kind: 'expected',
    title: 'rounding',
    meaning: 'less than a cent, left by the digits of the bill',
    remedy: '',
  },
  DISCOUNT: {
    kind: 'expected',
    title: 'discount',
    meaning: 'a discount programme or private rate that the ledger does not apply',
    remedy: 'put it under `discounts` or `prices` in the configuration, and the ledger shows net prices as well',
  },
  CREDIT: { kind: 'expected', title: 'credit', meaning: 'a credit or refund of AWS', remedy: '' },
  TAX_OR_FEE: { kind: 'expected', title: 'tax or fee', meaning: 'a tax or a fee that no call causes', remedy: '' },
  IDENTITY_COLLAPSED: {
    kind: 'attribution',
    title: 'identity lost',
    meaning: 'the same quantities, under a name that stands for several people or for the gateway',
    remedy: 'set `upstreams.session`, see docs/GATEWAY.md; and select `line_item_iam_principal` in the export',
  },
  TAGS_DIFFERENT: {
    kind: 'attribution',
    title: 'other tags',
    meaning: 'the same caller and quantity, with other cost allocation tags than the ledger has',
    remedy:
      'activate the tag keys in the management account, and see that the sessions carry them: `tallyline sessions`',
  },
  ESTIMATE_REPLACED: {
    kind: 'expected',
    title: 'estimate replaced',
    meaning: 'the ledger holds an estimate, because nobody counted the call, and the bill the actual figure',
    remedy: '',
  },
  UNRECOGNISED: {
    kind: 'open',
    title: 'not understood',
    meaning: 'rows of the bill whose usage type is not known here',
    remedy: 'report the usage type, so that it can be understood; the amount counts meanwhile',
  },
  REST: { kind: 'open', title: 'rest', meaning: 'what no rule explains', remedy: 'look at the rows' },
};

export function isCauseCode(text: string): text is CauseCode {
  return (CAUSE_CODES as readonly string[]).includes(text);
}
