import { formatUsdRounded, type PicoUsd } from '../kernel/money.ts';
import { nameUuid } from '../kernel/name-uuid.ts';
import type { Notice, NoticeAddress } from '../kernel/notice.ts';
import { CAUSES } from './cause-code.ts';
import { bypassPicoUsd, openBasisPoints, openPicoUsd, sentenceOf } from './reconciliation.ts';
import type { DoneReconciliation } from './reconciliation-ledger.ts';

/** When somebody is told of a comparison: as soon as one of the limits is passed. An absent limit is not looked at. */
export interface AlertLimits {
  /** Open differences. */
  readonly openPicoUsd?: PicoUsd;
  /** Open differences in ten-thousandths of the bill or ledger. */
  readonly openBasisPoints?: number;
  /** Traffic around the gateway. */
  readonly bypassPicoUsd?: PicoUsd;
}

export interface AlertParts {
  readonly limits: AlertLimits;
  readonly subscribers: readonly NoticeAddress[];
  readonly managementAccountId: string;
}

/** What subscribers are told: nothing within the limits, and the same figures of a month once. */
export function reconciliationNotices(
  done: DoneReconciliation,
  { limits, subscribers, managementAccountId }: AlertParts,
): Notice[] {
  const { sourceId, period, result } = done;
  const [open, bypass, share] = [openPicoUsd(result), bypassPicoUsd(result), openBasisPoints(result)];
  const isOver =
    (limits.openPicoUsd !== undefined && open > limits.openPicoUsd) ||
    (limits.openBasisPoints !== undefined && share > limits.openBasisPoints) ||
    (limits.bypassPicoUsd !== undefined && bypass > limits.bypassPicoUsd);
  if (!isOver) return [];
  const usd = (amount: PicoUsd) => formatUsdRounded(amount, 2);
  const lines = result.codes
    .filter(({ code, rows }) => rows > 0 && CAUSES[code].kind === 'open')
    .map(({ code, apartUsd, rows }) => `${code}: ${apartUsd} USD in ${rows} rows; ${CAUSES[code].remedy}`);
  return subscribers.map((address) => ({
    id: nameUuid('reconciliation', sourceId, period, `${open}`, `${bypass}`, address.address),
    accountId: managementAccountId,
    address,
    subject: `Tallyline: ${usd(open)} USD of the bill for ${period} are open`,
    text: `${sentenceOf(period, result)}\n\n${lines.join('\n')}\n\nLook closer with: tallyline reconcile --month ${period}\n`,
    facts: {
      ...{ event: 'reconciliation', sourceId, period, billUsd: result.billUsd, ledgerUsd: result.ledgerUsd },
      ...{ openUsd: usd(open), bypassUsd: usd(bypass), openPercent: share / 100 },
    },
  }));
}
