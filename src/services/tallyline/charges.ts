import { type Charge, type ChargeType, chargeBucketMs, isReduction, TAX_SERVICE } from '../../billing/charge.ts';
import { type ChargeLedger, idOfToken } from '../../billing/charge-ledger.ts';
import { remainingOf } from '../../billing/closing-charges.ts';
import type { Credit } from '../../billing/credit.ts';
import type { PeriodLedger } from '../../billing/period-ledger.ts';
import type { Directory } from '../../identity/directory.ts';
import { Fault } from '../../kernel/fault.ts';
import { formatUsd, parsePicoUsd } from '../../kernel/money.ts';
import { NO_TAGS, sortedTagPairs } from '../../kernel/tags.ts';
import { billingPeriodOf } from '../../kernel/time.ts';
import type { OperationTable } from '../../paths/operation-handler.ts';
import type { Sold } from '../../rating/billed-model.ts';
import type { PriceBook } from '../../rating/price-book.ts';
import { managementOnly } from './management-only.ts';

export interface ChargesParts {
  readonly charges: ChargeLedger;
  readonly periods: PeriodLedger;
  /** Books what is recorded; rejects when the store is down. */
  readonly bookCharges: () => Promise<void>;
  readonly prices: Pick<PriceBook, 'soldUnder'>;
  readonly directory: Directory;
  /** Alone charges and credits accounts. */
  readonly managementAccountId: string;
  /** A client token for a request that brings none. */
  readonly newToken: () => string;
}

interface CreateChargeInput {
  readonly ClientToken?: string;
  readonly Type: ChargeType;
  readonly AccountId?: string;
  readonly AmountUsd: string;
  readonly Description: string;
  readonly Service?: string;
  readonly BillingPeriod?: string;
  readonly TaxType?: string;
  readonly DrawDown?: boolean;
  readonly LastBillingPeriod?: string;
}

const DEFAULT_SERVICE = 'Amazon Bedrock';
const DEFAULT_RESULTS = 100;

/** Charges that are no usage: made and listed by the payer. */
export function chargeOperations(parts: ChargesParts): OperationTable {
  const ofManagement = managementOnly(parts.managementAccountId, 'has to do with charges');
  return {
    CreateCharge: ofManagement<CreateChargeInput>('CreateCharge', ({ input, nowMs }) =>
      input.DrawDown ? addCredit(input, nowMs, parts) : addCharge(input, nowMs, parts),
    ),
    ListCharges: ofManagement<{ BillingPeriod?: string; MaxResults?: number; NextToken?: string }>(
      'ListCharges',
      ({ input }) => listCharges(input, parts),
    ),
  };
}

async function addCharge(input: CreateChargeInput, nowMs: number, parts: ChargesParts): Promise<unknown> {
  const { Type, AccountId, Description, TaxType = '', BillingPeriod = billingPeriodOf(nowMs) } = input;
  if (input.LastBillingPeriod !== undefined)
    throw invalid('only a credit that is drawn down has a last billing period');
  if (TaxType !== '' && Type !== 'Tax') throw invalid('only a tax has a kind of tax');
  if (BillingPeriod > billingPeriodOf(nowMs)) throw invalid(`the billing period \`${BillingPeriod}\` has not begun`);
  const amountPicoUsd = positiveAmount(input.AmountUsd);
  const accountId = knownAccount(AccountId ?? parts.managementAccountId, parts);
  const id = idOfToken('charge', input.ClientToken ?? parts.newToken());
  // Who tries again gets the charge of the first time, also when its period was closed meanwhile.
  if (!parts.charges.charge(id) && BillingPeriod < parts.periods.firstOpen()) {
    throw invalid(`the billing period \`${BillingPeriod}\` is closed`);
  }
  const charge: Charge = {
    chargeId: id,
    type: Type,
    period: BillingPeriod,
    bucketStartMs: chargeBucketMs(BillingPeriod, nowMs),
    accountId,
    accountTags: sortedTagPairs(parts.directory.account(accountId)?.tags ?? NO_TAGS),
    amountUsd: formatUsd(isReduction(Type) ? -amountPicoUsd : amountPicoUsd),
    description: Description,
    sold: soldUnder(input.Service, Type, parts),
    taxType: TaxType,
    creditId: '',
    createdAtMs: nowMs,
  };
  const { period } = await parts.charges.addCharge(charge);
  // Without a period, a second try in the month after is the same request.
  if (input.BillingPeriod !== undefined && period !== input.BillingPeriod) {
    throw invalid('the client token was used for another billing period; use a new one');
  }
  try {
    await parts.bookCharges();
  } catch (error) {
    // It is recorded, and booked as soon as the store answers again.
    if (!(error instanceof Fault) || error.code !== 'StoreUnavailable') throw error;
  }
  return { Charge: wireCharge(parts.charges.charge(id)!) };
}

async function addCredit(input: CreateChargeInput, nowMs: number, parts: ChargesParts): Promise<unknown> {
  const { Type, AccountId = '', Service = '', Description, LastBillingPeriod = '' } = input;
  if (Type !== 'Credit') throw invalid('only a credit can be drawn down');
  if (input.BillingPeriod !== undefined) throw invalid('a credit that is drawn down is in no one billing period');
  if (Service !== '') soldUnder(Service, Type, parts);
  const credit: Credit = {
    creditId: idOfToken('credit', input.ClientToken ?? parts.newToken()),
    accountId: AccountId === '' ? '' : knownAccount(AccountId, parts),
    service: Service,
    amountUsd: formatUsd(positiveAmount(input.AmountUsd)),
    description: Description,
    lastPeriod: LastBillingPeriod,
    createdAtMs: nowMs,
  };
  return { Credit: wireCredit(await parts.charges.addCredit(credit), parts.charges.charges()) };
}

function listCharges(
  input: { readonly BillingPeriod?: string; readonly MaxResults?: number; readonly NextToken?: string },
  { charges: ledger }: ChargesParts,
): unknown {
  const { BillingPeriod, MaxResults = DEFAULT_RESULTS, NextToken } = input;
  const all = ledger.charges();
  const asked = all.filter(({ period }) => BillingPeriod === undefined || period === BillingPeriod).reverse();
  const start = NextToken === undefined ? 0 : asked.findIndex(({ chargeId }) => chargeId === NextToken) + 1;
  if (NextToken !== undefined && start === 0)
    throw new Fault('InvalidNextTokenException', 'the token is not one of a page');
  const page = asked.slice(start, start + MaxResults);
  const isLast = start + page.length >= asked.length;
  return {
    Charges: page.map(wireCharge),
    // All of them come with the first page: there are few.
    Credits: start === 0 ? ledger.credits().map((credit) => wireCredit(credit, all)) : [],
    ...(!isLast && { NextToken: page.at(-1)!.chargeId }),
  };
}

function wireCharge(charge: Charge & { readonly isBooked: boolean }): unknown {
  const { chargeId, type, period, accountId, amountUsd, description, sold, taxType, creditId, createdAtMs } = charge;
  return {
    ChargeId: chargeId,
    Type: type,
    BillingPeriod: period,
    AccountId: accountId,
    AmountUsd: amountUsd,
    Description: description,
    Service: sold.service,
    ...(taxType !== '' && { TaxType: taxType }),
    ...(creditId !== '' && { CreditId: creditId }),
    Status: charge.isBooked ? 'BOOKED' : 'PENDING',
    CreatedAt: new Date(createdAtMs),
  };
}

function wireCredit(credit: Credit, charges: readonly Charge[]): unknown {
  return {
    CreditId: credit.creditId,
    AmountUsd: credit.amountUsd,
    RemainingUsd: formatUsd(remainingOf(credit, charges)),
    Description: credit.description,
    ...(credit.accountId !== '' && { AccountId: credit.accountId }),
    ...(credit.service !== '' && { Service: credit.service }),
    ...(credit.lastPeriod !== '' && { LastBillingPeriod: credit.lastPeriod }),
    CreatedAt: new Date(credit.createdAtMs),
  };
}

function positiveAmount(text: string): bigint {
  let amount: bigint;
  try {
    amount = parsePicoUsd(text);
  } catch {
    throw invalid(`the amount \`${text}\` is not a decimal number with at most twelve fraction digits`);
  }
  if (amount <= 0n) throw invalid(`the amount \`${text}\` must be positive: its type says which way it goes`);
  return amount;
}

function knownAccount(accountId: string, { directory }: ChargesParts): string {
  if (!directory.account(accountId)) throw invalid(`there is no account \`${accountId}\``);
  return accountId;
}

function soldUnder(service: string | undefined, type: ChargeType, { prices }: ChargesParts): Sold {
  const named = service ?? DEFAULT_SERVICE;
  const sold = prices.soldUnder(named);
  if (!sold)
    throw invalid(`there is no service \`${named}\`: use a name of Cost Explorer's such as \`Amazon Bedrock\``);
  return type === 'Tax' ? { ...sold, service: TAX_SERVICE } : sold;
}

function invalid(message: string): Fault {
  return new Fault('ValidationException', message);
}
