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
  const impact = Number(finding.actualUsd) - Number(finding.expectedUsd);
  return subscribers.flatMap((subscriber) => {
    const isTold = finding.told.includes(subscriber.address);
    const isDue =
      SEVERITIES.indexOf(finding.severity) >= SEVERITIES.indexOf(subscriber.minSeverity) &&
      impact >= subscriber.minImpactUsd;
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

function noticeText(finding: KeptFinding): string {
  const { actualUsd, expectedUsd, sinceMs, endedAtMs, severity, evidence, causes, alsoSeenOn } = finding;
  const lines = [
    `What: ${headline(finding)}`,
    `Since: ${isoSeconds(sinceMs)}`,
    ...(endedAtMs === undefined ? [] : [`Until: ${isoSeconds(finding.untilMs)}`]),
    `Spent: ${cents(actualUsd)} USD, where ${cents(expectedUsd)} USD is usual`,
    `Severity: ${severity}`,
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
