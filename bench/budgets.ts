// What a call costs on its hard budgets: hold, settle and give back, with three budgets that match it among 3 and among 1,000,
// for a caller that was seen before and for one that is new every time. Run with `npm run bench:budgets`.
import type { Caller } from '../src/identity/principal.ts';
import { caller, claim, ended, TestNode, testTime } from '../test/admission/node.ts';

const MEASURE_MS = 2_000;
const ROUND = 1_000;

const ANN = caller('ann', { team: 'blue' });

async function nodeWith(budgets: number): Promise<TestNode> {
  const node = new TestNode(testTime());
  const month = { unit: 'month', timeZone: 'Europe/Berlin' } as const;
  const limit = '1000000000';
  await node.budget({ name: 'ann', unit: 'USD', limit, window: month, scope: { principals: [ANN.arn] } });
  await node.budget({
    name: 'blue',
    unit: 'tokens',
    limit,
    window: { rollingHours: 24 },
    scope: { tags: [['team', 'blue']] },
  });
  await node.budget({ name: 'each', unit: 'requests', limit, window: month, each: 'account' });
  for (let index = 3; index < budgets; index += 1) {
    const scope = index % 2 ? { principals: [`${ANN.arn}${index}`] } : { tags: [['team', `t${index}`] as const] };
    await node.budget({ name: `other-${index}`, unit: 'USD', limit, window: month, scope });
  }
  return node;
}

async function microsecondsPerCall(node: TestNode, callerOf: () => Caller): Promise<number> {
  const one = async () => {
    const asked = claim(callerOf(), node.time.nowMs);
    const hold = await node.reserve(asked);
    hold.settle(ended(asked));
    hold.release();
  };
  for (let warm = 0; warm < 20 * ROUND; warm += 1) await one();
  let calls = 0;
  const startMs = performance.now();
  while (performance.now() - startMs < MEASURE_MS) {
    for (let index = 0; index < ROUND; index += 1) await one();
    calls += ROUND;
  }
  return ((performance.now() - startMs) * 1_000) / calls;
}

console.log('hold + settle + give back, 3 budgets match');
for (const budgets of [3, 1_000]) {
  const node = await nodeWith(budgets);
  const known = await microsecondsPerCall(node, () => ANN);
  const fresh = await microsecondsPerCall(node, () => ({ ...ANN }));
  console.log(
    `of ${budgets}: ${known.toFixed(2)} us a call; ${fresh.toFixed(2)} us for a caller that is new every time`,
  );
}
