import { randomUUID } from 'node:crypto';
import type { AdmissionRecords } from '../admission/admission-records.ts';
import { type RunawayFinding, RunawayGuard } from '../admission/runaway-guard.ts';
import type { RunawayGuardConfig } from '../config/hard-budgets-config.ts';
import { nameUuid } from '../kernel/name-uuid.ts';
import type { NoticeOutbox } from '../kernel/notice.ts';
import { RecentMap } from '../kernel/recent-map.ts';
import { type Clock, HOUR_MS, SECOND_MS } from '../kernel/time.ts';

export interface RunawayWatchParts {
  readonly records: AdmissionRecords;
  readonly outbox: NoticeOutbox;
  readonly managementAccountId: string;
  readonly clock: Clock;
  readonly onTrouble: (message: string) => void;
}

/** Of one caller's runs of one kind, one is told of in an hour. */
const TOLD_EVERY_MS = HOUR_MS;
const REMEMBERED_MAX = 20_000;

/** The guard with what becomes of its findings: notices, and stops where it is to hold. Undefined when it looks at nothing. */
export function watchRunaways(config: RunawayGuardConfig, parts: RunawayWatchParts): RunawayGuard | undefined {
  const { requestsPerMinute, repeatedPrompts, spendRate, action, holdSeconds, subscribers } = config;
  if (requestsPerMinute === undefined && !repeatedPrompts && !spendRate) return undefined;
  const { records, outbox, managementAccountId, clock, onTrouble } = parts;
  const heldUntilMs = new RecentMap<string, number>(REMEMBERED_MAX);
  const toldAtMs = new RecentMap<string, number>(REMEMBERED_MAX);
  const hold = ({ principalArn, text }: RunawayFinding, nowMs: number) => {
    if ((heldUntilMs.get(principalArn) ?? 0) > nowMs) return;
    const expiresAtMs = nowMs + holdSeconds * SECOND_MS;
    heldUntilMs.set(principalArn, expiresAtMs);
    const about = { id: randomUUID(), scope: { principals: [principalArn] }, reason: `runaway guard: ${text}` };
    const stop = { ...about, expiresAtMs, cutsStreams: false, createdAtMs: nowMs, createdBy: 'tallyline' };
    records.stop(stop).catch((error) => onTrouble(`runaway guard: ${error}`));
  };
  const tell = ({ kind, principalArn, text }: RunawayFinding, nowMs: number) => {
    const key = `${kind}/${principalArn}`;
    if (nowMs - (toldAtMs.get(key) ?? 0) < TOLD_EVERY_MS) return;
    toldAtMs.set(key, nowMs);
    const isHeld = action === 'hold';
    const notices = subscribers.map((address) => ({
      id: nameUuid('runaway', key, Math.floor(nowMs / TOLD_EVERY_MS), address.address),
      accountId: managementAccountId,
      address,
      subject: `Tallyline: ${principalArn} runs away`,
      text: `Principal: ${principalArn}\nFound: ${text}\nHeld: ${isHeld ? `for ${holdSeconds} seconds` : 'no'}\n`,
      facts: { event: 'runaway', kind, principalArn, finding: text, isHeld },
    }));
    if (notices.length > 0) outbox.post(notices).catch((error) => onTrouble(`runaway guard: ${error}`));
  };
  return new RunawayGuard(
    {
      ...(requestsPerMinute !== undefined && { requestsPerMinute }),
      ...(repeatedPrompts && {
        repeatedPrompts: { count: repeatedPrompts.count, windowMs: repeatedPrompts.windowSeconds * SECOND_MS },
      }),
      ...(spendRate && { spendRate }),
    },
    (finding) => {
      const nowMs = clock();
      tell(finding, nowMs);
      if (action === 'hold') hold(finding, nowMs);
    },
  );
}
