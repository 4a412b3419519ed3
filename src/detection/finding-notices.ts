import { formatUsdRounded, parsePicoUsd } from '../kernel/money.ts';
import { nameUuid } from '../kernel/name-uuid.ts';
import { type Notice, type NoticeAddress, oneLine } from '../kernel/notice.ts';
import { isoSeconds } from '../kernel/time.ts';
import { SEVERITIES, type Severity } from './finding.ts';
import type { KeptFinding } from './finding-registry.ts';
import { headline, REASON_WORDS, subjectText } from './finding-words.ts';

/** Who is told of findings, and of which. */
export interface FindingSubscriber extends NoticeAddress {
  readonly minSeverity: Severity;
  /** USD above what was expected. */
  readonly minImpactUsd: number;
}

/** What is due of a finding: one notice when it becomes grave enough, one when it ends to those who had the first. */
export function findingNotices(
  finding: KeptFinding,
  subscribers: readonly FindingSubscriber[],
  accountId: string,
): Notice[] {
  return subscribers.flatMap((subscriber) => {
    const isTold = finding.told.includes(subscriber.address);
    const isDue = isGrave(finding, subscriber);
    const event = finding.endedAtMs !== undefined ? 'ended' : 'began';
    if (finding.feedback || (event === 'began' ? isTold || !isDue : !isTold)) return [];
    const { type, address } = subscriber;
    return [
      {
        ...{ id: nameUuid('finding', finding.id, event, address), accountId, address: { type, address } },
        subject: oneLine(`${event === 'ended' ? 'Over' : 'Spend'}: ${headline(finding)}`),
        text: noticeText(finding),
        facts: { event: `finding ${event}`, ...finding },
      },
    ];
  });
}

/**
 * What is due of a finding in an imported bill: one notice where it began at most some time ago, whether it is over or not, and
 * one to those who had it where the bill does not show it any more.
 */
export function billedFindingNotices(
  finding: KeptFinding,
  event: 'began' | 'withdrawn',
  subscribers: readonly FindingSubscriber[],
  accountId: string,
  fromMs: number,
): Notice[] {
  return subscribers.flatMap((subscriber) => {
    const isTold = finding.told.includes(subscriber.address);
    const isDue = event === 'began' ? !isTold && finding.sinceMs >= fromMs && isGrave(finding, subscriber) : isTold;
    if (!isDue) return [];
    const { type, address } = subscriber;
    return [
      {
        ...{ id: nameUuid('finding', finding.id, event, address), accountId, address: { type, address } },
        subject: oneLine(`${event === 'withdrawn' ? 'Withdrawn' : 'Billed'}: ${headline(finding)}`),
        text: noticeText(finding),
        facts: { event: `finding ${event}`, ...finding },
      },
    ];
  });
}

function isGrave(finding: KeptFinding, { minSeverity, minImpactUsd }: FindingSubscriber): boolean {
  const impact = Number(finding.actualUsd) - Number(finding.expectedUsd);
  return SEVERITIES.indexOf(finding.severity) >= SEVERITIES.indexOf(minSeverity) && impact >= minImpactUsd;
}

function noticeText(finding: KeptFinding): string {
  const { actualUsd, expectedUsd, sinceMs, endedAtMs, severity, evidence, causes, alsoSeenOn } = finding;
  const lines = [
    `What: ${headline(finding)}`,
    `Since: ${isoSeconds(sinceMs)}`,
    ...(endedAtMs === undefined ? [] : [`Until: ${isoSeconds(finding.untilMs)}`]),
    `Spent: ${cents(actualUsd)} USD, where ${cents(expectedUsd)} USD is usual`,
    `Severity: ${severity}`,
    ...(finding.billedBy === undefined ? [] : [`Found in: the ${finding.billedBy}s of the imported bill`]),
    ...evidence.map((sentence) => `Seen: ${sentence}`),
    ...causes
      .slice(0, 3)
      .map(({ principal, model, reason }) => `Who: ${principal} on ${model}: ${REASON_WORDS[reason]}`),
    ...(alsoSeenOn.length > 0 ? [`Shows as well on: ${alsoSeenOn.map(subjectText).join(', ')}`] : []),
    `Look: tallyline anomalies show ${finding.id}`,
  ];
  return `${lines.map(oneLine).join('\n')}\n`;
}

function cents(usd: string): string {
  return formatUsdRounded(parsePicoUsd(usd), 2);
}
