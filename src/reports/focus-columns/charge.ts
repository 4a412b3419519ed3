import { instant, onlyWith, text } from '../cur-columns/column.ts';
import type { ExportColumn } from '../export-table.ts';
import { IS_USAGE } from './charge-type.ts';

/** Names are not required of accounts here but are in FOCUS: an account without one goes by its id. */
const named = (name: string, id: string) => `if(${name} = '', ${id}, ${name})`;

/** The kind of an account in an organization. AWS's wording is not published. */
const kind = (id: string) => `if(${id} = bill_payer_account_id, 'Management account', 'Member account')`;

/**
 * A refund here is an amount without usage, so it cannot be of the category that it gives money back for: that one wants
 * quantities and prices. FOCUS leaves Adjustment for what fits nowhere else.
 */
const CATEGORY = `transform(line_item_line_item_type, ['Usage', 'Fee', 'Tax', 'Credit'], ['Usage', 'Purchase', 'Tax', 'Credit'], 'Adjustment')`;

/** Whose charge it is, for when, and of what nature. SQL is over the columns of CUR 2.0. */
export const CHARGE: readonly ExportColumn[] = [
  text('BillingAccountId', 'Account that pays.', 'bill_payer_account_id'),
  text(
    'BillingAccountName',
    'Name of the account that pays.',
    named('bill_payer_account_name', 'bill_payer_account_id'),
  ),
  text('BillingAccountType', 'Kind of the account that pays.', kind('bill_payer_account_id')),
  instant('BillingPeriodEnd', 'First instant after the billing period, UTC.', 'bill_billing_period_end_date'),
  instant('BillingPeriodStart', 'First instant of the billing period, UTC.', 'bill_billing_period_start_date'),
  text('ChargeCategory', 'Usage, Purchase, Tax, Credit or Adjustment.', CATEGORY),
  text(
    'ChargeClass',
    'Correction, for a change to a billing period that was closed; null for every other charge.',
    "if(is_correction = 1, 'Correction', NULL)",
  ),
  text('ChargeDescription', 'The charge in words.', "nullIf(line_item_line_item_description, '')"),
  text('ChargeFrequency', 'One-Time, Recurring or Usage-Based.', `if(${IS_USAGE}, 'Usage-Based', 'One-Time')`),
  instant('ChargePeriodEnd', 'First instant after the time bucket, UTC.', 'line_item_usage_end_date'),
  instant('ChargePeriodStart', 'First instant of the time bucket, UTC.', 'line_item_usage_start_date'),
  text(
    'InvoiceDetailId',
    'Line of the invoice that the charge is part of: one for each account and type of charge.',
    "if(bill_invoice_id = '', NULL, concat(bill_invoice_id, '-', line_item_usage_account_id, '-', line_item_line_item_type))",
  ),
  text(
    'InvoiceId',
    'Invoice that the charge is on; null while the billing period is open.',
    "nullIf(bill_invoice_id, '')",
  ),
  text('InvoiceIssuerName', 'Legal entity that issues the invoice.', 'bill_invoicing_entity'),
  text('SubAccountId', 'Account that made the usage.', 'line_item_usage_account_id'),
  text(
    'SubAccountName',
    'Name of the account that made the usage.',
    named('line_item_usage_account_name', 'line_item_usage_account_id'),
  ),
  text('SubAccountType', 'Kind of the account that made the usage.', kind('line_item_usage_account_id')),
  // FOCUS up to 1.4 has no column for who made a call, and lets providers add their own under `x_`.
  onlyWith(
    'INCLUDE_IAM_PRINCIPAL_DATA',
    'TRUE',
    text(
      'x_IamPrincipal',
      'ARN of the IAM identity that made the inference calls.',
      "nullIf(line_item_iam_principal, '')",
    ),
  ),
];
