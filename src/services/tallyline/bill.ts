import { type Invoice, type InvoiceAmounts, invoiceId, invoicesOf } from '../../billing/invoice.ts';
import type { BillingPeriod, PeriodLedger } from '../../billing/period-ledger.ts';
import { Fault } from '../../kernel/fault.ts';
import { formatUsd } from '../../kernel/money.ts';
import { periodSums } from '../../paths/close-path.ts';
import type { OperationCall, OperationHandler, OperationTable } from '../../paths/operation-handler.ts';
import type { CostStore } from '../../reports/cost-store.ts';

export interface BillParts {
  readonly periods: PeriodLedger;
  readonly store: CostStore;
  /** Makes a period that has ended final. Throws ValidationException when it cannot be closed now. */
  readonly closePeriod: (period: string) => Promise<void>;
  /** Closes periods, and sees the invoices of all accounts; the others see what is theirs. */
  readonly managementAccountId: string;
}

/** Periods whose invoices one call lists. */
const LISTED_PERIODS = 13;

/** Billing periods and their invoices. */
export function billOperations(parts: BillParts): OperationTable {
  const { periods, managementAccountId } = parts;
  const access = (action: string) => () => [{ action: `tallyline:${action}`, resource: '*' }];
  const listPeriods: OperationHandler<object, unknown> = {
    access: access('ListBillingPeriods'),
    run: ({ nowMs }) => ({ BillingPeriods: periods.all(nowMs).map(wirePeriod) }),
  };
  const close: OperationHandler<{ BillingPeriod: string }, unknown> = {
    access: access('CloseBillingPeriod'),
    run: async (call) => {
      const { caller, input } = call;
      if (caller.accountId !== managementAccountId) {
        throw new Fault('AccessDeniedException', 'only the management account closes billing periods');
      }
      await parts.closePeriod(input.BillingPeriod);
      return { Invoices: (await invoices(input.BillingPeriod, call, parts)).map(summary) };
    },
  };
  const listInvoices: OperationHandler<{ BillingPeriod?: string }, unknown> = {
    access: access('ListInvoices'),
    run: async (call) => {
      const { input, nowMs } = call;
      const latest = periods.all(nowMs).slice(0, LISTED_PERIODS);
      const asked = input.BillingPeriod === undefined ? latest.map(({ period }) => period) : [input.BillingPeriod];
      const listed: object[] = [];
      for (const period of asked) listed.push(...(await invoices(period, call, parts)).map(summary));
      return { Invoices: listed };
    },
  };
  const getInvoice: OperationHandler<{ BillingPeriod: string; Seller?: string }, unknown> = {
    access: access('GetInvoice'),
    run: async (call) => {
      const { BillingPeriod, Seller = 'AWS' } = call.input;
      const found = (await invoices(BillingPeriod, call, parts)).find(({ invoice }) => invoice.seller === Seller);
      if (!found) throw new Fault('ResourceNotFoundException', `${Seller} bills nothing for \`${BillingPeriod}\``);
      const accounts = found.invoice.accounts.map(({ accountId, amounts }) => ({
        AccountId: accountId,
        ...wireAmounts(amounts),
      }));
      return { Invoice: { ...summary(found), Accounts: accounts } };
    },
  };
  return {
    ListBillingPeriods: listPeriods,
    CloseBillingPeriod: close,
    ListInvoices: listInvoices,
    GetInvoice: getInvoice,
  };
}

interface StatedInvoice {
  readonly invoice: Invoice;
  readonly state: string;
  /** Absent until the period is final. */
  readonly id?: string;
}

async function invoices(
  period: string,
  { caller, nowMs }: OperationCall<unknown>,
  { periods, store, managementAccountId }: BillParts,
): Promise<StatedInvoice[]> {
  const onlyAccountId = caller.accountId === managementAccountId ? undefined : caller.accountId;
  const sums = await periodSums(period, store, onlyAccountId);
  return invoicesOf(period, sums).map((invoice) => ({
    invoice,
    state: periods.stateOf(period, nowMs).toUpperCase(),
    ...(periods.isFinal(period) && { id: invoiceId(managementAccountId, period, invoice.seller) }),
  }));
}

function wirePeriod({ period, state, finalAtMs }: BillingPeriod): object {
  const finalAt = finalAtMs === undefined ? {} : { FinalAt: new Date(finalAtMs) };
  return { BillingPeriod: period, State: state.toUpperCase(), ...finalAt };
}

function summary({ invoice, state, id }: StatedInvoice): object {
  return {
    ...(id !== undefined && { InvoiceId: id }),
    BillingPeriod: invoice.period,
    Seller: invoice.seller,
    State: state,
    ...wireAmounts(invoice.amounts),
  };
}

function wireAmounts({ usage, discounts, corrections, credits, refunds, fees, tax, total }: InvoiceAmounts): object {
  return {
    UsageUsd: formatUsd(usage),
    DiscountsUsd: formatUsd(discounts),
    CorrectionsUsd: formatUsd(corrections),
    CreditsUsd: formatUsd(credits),
    RefundsUsd: formatUsd(refunds),
    FeesUsd: formatUsd(fees),
    TaxUsd: formatUsd(tax),
    TotalUsd: formatUsd(total),
  };
}
