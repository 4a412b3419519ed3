import { describe, expect, it } from 'vitest';
import { usageEvent } from '../../test/rating/usage-event.ts';
import { livePicture } from './live-picture.ts';
import { isLiveVisible, liveSubjectOf } from './live-subject.ts';
import { LiveUsage } from './live-usage.ts';
import { ALL_USAGE } from './visibility.ts';

const MINUTE_MS = 60_000;

function watched() {
  const time = { nowMs: Date.parse('2026-11-10T12:00:00Z') };
  const usage = new LiveUsage(() => time.nowMs);
  const call = (name: string, costPicoUsd: bigint, tags: [string, string][] = []) => {
    const requestId = `${name}-${costPicoUsd}`;
    const event = usageEvent({ requestId, principalArn: name, principalTags: tags });
    usage.begun(event);
    usage.ended(event, { tokens: 10n, costPicoUsd, isUnpriced: false });
  };
  const look = (visible = ALL_USAGE) =>
    livePicture(usage, (subject) => isLiveVisible(subject, visible), { principals: 2, latest: 2 }, time.nowMs);
  return { time, usage, call, look };
}

describe('live usage', () => {
  it('counts the last hour by minute, the last minute by second, and lets both go', () => {
    const { time, call, look } = watched();
    call('ann', 5n);
    time.nowMs += 30 * MINUTE_MS;
    call('bob', 7n);
    const { total, minutes, seconds, principals, inFlight } = look();
    expect([total.calls, total.costPicoUsd, total.tokens, inFlight]).toEqual([2, 12n, 20n, 0]);
    expect([minutes.length, minutes.at(-31)?.sums.costPicoUsd, minutes.at(-1)?.sums.costPicoUsd]).toEqual([60, 5n, 7n]);
    expect([seconds.length, seconds.at(-1)?.sums.calls]).toEqual([60, 1]);
    expect(principals.map(({ principalArn }) => principalArn)).toEqual(['bob', 'ann']);
    time.nowMs += 30 * MINUTE_MS;
    expect(look().total.costPicoUsd).toBe(7n);
    time.nowMs += 60 * MINUTE_MS;
    expect(look()).toMatchObject({ total: { calls: 0 }, principals: [], isPartial: false });
  });

  it('shows each what is theirs', () => {
    const { call, look } = watched();
    call('ann', 5n, [['team', 'blue']]);
    call('bob', 7n, [['team', 'red']]);
    expect(look({ principalArn: 'ann' }).total.costPicoUsd).toBe(5n);
    expect(
      look({ principalTag: { key: 'team', value: 'red' } }).latest.map(({ subject }) => subject.principalArn),
    ).toEqual(['bob']);
    expect(look({ accountId: '999999999999' }).total.calls).toBe(0);
  });

  it('knows what is under way, and what was refused', () => {
    const { usage, look } = watched();
    const event = usageEvent({ requestId: 'open' });
    usage.begun(event);
    usage.refused('no', liveSubjectOf(event), 'no room');
    expect(look()).toMatchObject({ inFlight: 1, total: { calls: 0, refused: 1 }, principals: [{ inFlight: 1 }] });
    expect(look().latest).toMatchObject([{ status: 'refused', reason: 'no room' }]);
    usage.ended(
      { ...event, status: 'failed', errorCode: 'ThrottlingException' },
      { tokens: 0n, costPicoUsd: 0n, isUnpriced: false },
    );
    expect(look()).toMatchObject({ inFlight: 0, total: { calls: 1, failed: 1 } });
  });

  it('counts those together who are too many to tell apart, and says so', () => {
    const { call, look } = watched();
    for (let index = 0; index < 2_100; index += 1) call(`user-${index}`, 1n);
    const picture = look();
    expect([picture.total.costPicoUsd, picture.isPartial, picture.principals.length]).toEqual([2_100n, true, 2]);
    expect(look({ accountId: '123456789012' }).total.costPicoUsd).toBe(2_000n);
  });
});
