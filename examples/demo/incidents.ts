import { APPLICATIONS, emailOf, PEOPLE, REGIONS, RUNAWAY_APPLICATION } from './company.ts';
import { type PastCall, type PastCalls, usageOf } from './past-calls.ts';
import { LARGEST_CALL_DAYS } from './timeline.ts';
import { type CallShape, MODELS } from './workload.ts';

/** Who began the job that ran away, and the call that is the most expensive of all. */
export const RUNAWAY_PERSON = 'otto';
export const LARGEST_CALL_PERSON = 'ines';

const RUNAWAY_CALLS = 1_900;
/** From ten in the evening till twenty to six, Berlin time. */
const RUNAWAY_HOURS = [22, 29.7] as const;
const RUNAWAY_SHAPE: CallShape = {
  ...{ model: `eu.${MODELS.sonnet46}`, region: REGIONS.berlin, operation: 'Converse', weight: 1 },
  ...{ inputTokens: 205_000, outputTokens: 2_400, spread: 0.25 },
};

const LARGEST_SHAPE: CallShape = {
  ...{ model: `eu.${MODELS.sonnet45}`, region: REGIONS.berlin, operation: 'Converse', weight: 1 },
  ...{ inputTokens: 948_213, outputTokens: 31_870, spread: 0 },
};

/** What happened on a day besides the usual. */
export function incidents(calls: PastCalls, daysAgo: number, scale: number): PastCall[] {
  return [
    ...(daysAgo === calls.runawayDays ? runaway(calls, daysAgo, scale) : []),
    ...(daysAgo === LARGEST_CALL_DAYS ? [largestCall(calls, daysAgo)] : []),
  ];
}

/** A job of the build server reviewed its own reviews, all night: more calls than in a fortnight, each with all that came before. */
function runaway(calls: PastCalls, daysAgo: number, scale: number): PastCall[] {
  const chance = calls.chance('runaway', daysAgo);
  const application = APPLICATIONS.find(({ name }) => name === RUNAWAY_APPLICATION)!;
  const caller = calls.callers.application(application, emailOf({ name: RUNAWAY_PERSON }), daysAgo);
  const requestMetadata = [['pipeline', 'nightly-regression']] as const;
  return Array.from({ length: Math.round(RUNAWAY_CALLS * scale) }, () => {
    const admittedAtMs = calls.atMs('berlin', daysAgo, chance.between(...RUNAWAY_HOURS));
    const usage = usageOf(RUNAWAY_SHAPE, daysAgo, chance);
    const userAgent = 'ci-reviewer/3.2 aws-sdk-js/3.1164.0';
    return calls.call({ shape: RUNAWAY_SHAPE, caller, admittedAtMs, usage, userAgent, requestMetadata }, chance);
  });
}

function largestCall(calls: PastCalls, daysAgo: number): PastCall {
  const chance = calls.chance('largest call', daysAgo);
  const person = PEOPLE.find(({ name }) => name === LARGEST_CALL_PERSON)!;
  const caller = calls.callers.person(person, daysAgo);
  const facts = { shape: LARGEST_SHAPE, caller, usage: usageOf(LARGEST_SHAPE, daysAgo, chance) };
  const at = { admittedAtMs: calls.atMs('berlin', daysAgo, 16.7), userAgent: 'coding-agent/2.4 aws-sdk-js/3.1164.0' };
  return calls.call({ ...facts, ...at }, chance);
}
