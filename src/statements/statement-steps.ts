import { Fault } from '../kernel/fault.ts';
import type { StatementEvent, StatementState, StatementStatus } from './statement.ts';

/** What somebody does with a statement that was issued. */
export type StatementStep = 'approve' | 'dispute' | 'resolve' | 'void';

interface Step {
  readonly from: readonly StatementStatus[];
  readonly to: StatementStatus;
}

const STEPS: Readonly<Record<StatementStep, Step>> = {
  approve: { from: ['issued', 'resolved'], to: 'approved' },
  dispute: { from: ['issued', 'resolved'], to: 'disputed' },
  resolve: { from: ['disputed'], to: 'resolved' },
  void: { from: ['issued', 'approved', 'disputed', 'resolved'], to: 'voided' },
};

export interface StepFacts {
  /** The version that was looked at. Absent: the latest. */
  readonly version?: number;
  /** ARN. */
  readonly by: string;
  readonly atMs: number;
  /** Absent for an approval without words. */
  readonly reason?: string;
}

/** The state after a step. Throws ConflictException when the statement is in none that allows it, or was issued anew. */
export function afterStep(step: StatementStep, before: StatementState, facts: StepFacts): StatementState {
  const { from, to } = STEPS[step];
  const { number, status, version } = before;
  if (facts.version !== undefined && facts.version !== version) {
    throw conflict(`statement \`${number}\` has version \`${version}\` now: look at it first`);
  }
  if (!from.includes(status)) {
    throw conflict(`statement \`${number}\` is \`${status}\`: only one that is ${from.join(' or ')} can be ${to}`);
  }
  const { by, atMs, reason } = facts;
  const event: StatementEvent = { status: to, version, atMs, by, ...(reason !== undefined && { reason }) };
  return { ...before, status: to, events: [...before.events, event] };
}

/** Steps that the statement allows now. */
export function stepsOf({ status }: StatementState): StatementStep[] {
  return (Object.keys(STEPS) as StatementStep[]).filter((step) => STEPS[step].from.includes(status));
}

function conflict(message: string): Fault {
  return new Fault('ConflictException', message);
}
