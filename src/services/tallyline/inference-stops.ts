import { requireScope } from '../../admission/hard-budget.ts';
import type { SpendStop } from '../../admission/spend-stop.ts';
import { Fault } from '../../kernel/fault.ts';
import type { OperationTable } from '../../paths/operation-handler.ts';
import { type PageInput, type PageManner, resultPage } from '../../paths/result-page.ts';
import { futureMs, type HardBudgetParts, readScope, type WireScope, wireScope } from './hard-budgets.ts';
import { managementOnly } from './management-only.ts';

interface StopInput {
  readonly Scope?: WireScope;
  readonly Reason: string;
  readonly ExpiresAt?: Date;
  readonly CutStreams?: boolean;
}

const PAGE: PageManner = {
  size: 100,
  direction: 'descending',
  invalidToken: () => new Fault('InvalidNextTokenException', 'the token is not one of a page'),
};

/** The kill switch. */
export function inferenceStopOperations(parts: HardBudgetParts): OperationTable {
  const { admission, managementAccountId, newToken } = parts;
  const ofManagement = managementOnly(managementAccountId, 'stops inference');
  return {
    StopInference: ofManagement<StopInput>('StopInference', async ({ input, nowMs, caller }) => {
      const { Scope = {}, Reason, ExpiresAt, CutStreams = false } = input;
      const scope = readScope(Scope);
      requireScope(scope);
      const stop: SpendStop = {
        ...{ id: newToken(), scope, reason: Reason, cutsStreams: CutStreams },
        ...(ExpiresAt && { expiresAtMs: futureMs(ExpiresAt, nowMs) }),
        ...{ createdAtMs: nowMs, createdBy: caller.arn },
      };
      await admission.records.stop(stop);
      return { InferenceStop: wireStop(stop) };
    }),
    ResumeInference: ofManagement<{ StopId: string }>('ResumeInference', async ({ input }) => ({
      InferenceStop: wireStop(await admission.records.resume(input.StopId)),
    })),
    ListInferenceStops: ofManagement<PageInput>('ListInferenceStops', ({ input, nowMs }) => {
      const { items, rest } = resultPage(admission.records.stops(nowMs), stopOrder, input, PAGE);
      return { InferenceStops: items.map(wireStop), ...rest };
    }),
  };
}

function stopOrder({ createdAtMs, id }: SpendStop): string {
  return `${createdAtMs}/${id}`;
}

function wireStop({ id, scope, reason, expiresAtMs, cutsStreams, createdAtMs, createdBy }: SpendStop): unknown {
  return {
    StopId: id,
    Scope: wireScope(scope),
    Reason: reason,
    ...(expiresAtMs !== undefined && { ExpiresAt: new Date(expiresAtMs) }),
    CutStreams: cutsStreams,
    CreatedAt: new Date(createdAtMs),
    CreatedBy: createdBy,
  };
}
