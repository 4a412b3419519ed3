/** What `reconciliation_line` has, of the comparison that is under way. */
export const RESULT_TABLE = 'reconciliation_result';
/** Its rows on their way from step to step. */
export const WORK_TABLE = 'reconciliation_work';
/** Which principal an upstream's bill names for a caller, from which hour on. */
export const NAME_TABLE = 'reconciliation_name';

/**
 * Columns of `reconciliation_line`. A row has what is on each side under one code and one set of keys; every line of bill and
 * ledger is in exactly one row or, where it was split, in the sum of several. Amounts are net, in 1e-12 USD; a difference is
 * bill less ledger.
 */
export const RECONCILIATION_COLUMNS = {
  source_id: 'LowCardinality(String)',
  period: 'UInt32',
  code: 'LowCardinality(String)',
  /** Start of the hour, day or month, whichever the bill tells apart; of matched rows the day or month. */
  at: "DateTime('UTC')",
  /** In the bill's organization. Empty where the ledger does not know it. */
  account_id: 'LowCardinality(String)',
  /** In AWS's bill. Of roles and their sessions always the form of STS: `arn:aws:sts::...:assumed-role/Role/session`. */
  principal_arn: 'LowCardinality(String)',
  /** In our own ledger, some of them; empty where there is no ledger line. */
  callers: 'Array(LowCardinality(String))',
  /** Lines `key=value` of the tags that are compared. */
  bill_tags: 'LowCardinality(String)',
  ledger_tags: 'LowCardinality(String)',
  model_id: 'LowCardinality(String)',
  meter: 'LowCardinality(String)',
  /** `global` or `regional`: bills tell no more apart. */
  route: 'LowCardinality(String)',
  tier: 'LowCardinality(String)',
  context: 'LowCardinality(String)',
  is_batch: 'UInt8',
  region: 'LowCardinality(String)',
  usage_type: 'LowCardinality(String)',
  /** What the ledger has where the bill has something else: its principal, its hour, its terms. Of charges: their description. */
  other: 'LowCardinality(String)',
  bill_quantity: 'Int64',
  ledger_quantity: 'Int64',
  bill_pico_usd: 'Int128',
  ledger_pico_usd: 'Int128',
} as const;

/** Columns of the table of work. An empty code: left to a later step. */
export const WORK_COLUMNS = {
  ...RECONCILIATION_COLUMNS,
  /** The step that is to look at it. */
  stage: 'UInt8',
  /** The other side has the same keys, and less. */
  is_paired: 'UInt8',
  /** At public prices, of what is left of the bill. */
  list_pico_usd: 'Int128',
} as const;

export const NAME_COLUMNS = {
  upstream: 'LowCardinality(String)',
  principal_arn: 'LowCardinality(String)',
  /** Ascending; from which hour on, the principal in the bill, whether it is the gateway's own. */
  changes: 'Array(Tuple(DateTime, String, UInt8))',
} as const;
