import type { Directory } from '../identity/directory.ts';
import type { Caller } from '../identity/principal.ts';
import { Fault } from '../kernel/fault.ts';
import { formatUsd } from '../kernel/money.ts';
import { timeZoneOf } from '../kernel/time-zone.ts';
import { type CallerBudgetsParts, callerBudgets } from '../paths/caller-budgets.ts';
import { type CallerSpend, type ModelChange, spendOverview, weekOverview } from '../paths/caller-path.ts';
import type { OperationHandler, OperationTable } from '../paths/operation-handler.ts';
import type { ReportDeps } from '../paths/report-path.ts';
import { identityChain } from './gateway/identity-chain.ts';

export interface GatewayParts extends ReportDeps, CallerBudgetsParts {
  readonly directory: Directory;
}

/** What callers may ask about themselves, with whatever they call models with: `GET /gateway/v1/me`. */
export function gatewayOperations(parts: GatewayParts): OperationTable {
  const getCaller: OperationHandler<object, unknown> = {
    access: { self: 'tallyline:GetCaller' },
    run: ({ caller, region }) => wireCaller(caller, region, parts.directory),
  };
  const getCallerSpend: OperationHandler<{ readonly timeZone?: string }, unknown> = {
    access: { self: 'tallyline:GetCallerSpend' },
    run: async ({ caller, input: { timeZone = 'UTC' }, nowMs, request }) => {
      const zone = timeZoneOf(timeZone);
      if (!zone) throw new Fault('ValidationException', `there is no time zone \`${timeZone}\`: use an IANA name`);
      const question = { principalArn: caller.arn, nowMs, signal: request.client.gone };
      const { today, monthToDate, last30Days, models } = await spendOverview(question, zone, parts);
      return {
        principal: caller.arn,
        timeZone: zone.name,
        today: wireSpend(today),
        monthToDate: wireSpend(monthToDate),
        last30Days: wireSpend(last30Days),
        models: models.map(({ modelId, ...spend }) => ({ modelId, ...wireSpend(spend) })),
      };
    },
  };
  const getCallerChanges: OperationHandler<object, unknown> = {
    access: { self: 'tallyline:GetCallerChanges' },
    run: async ({ caller, nowMs, request }) => {
      const question = { principalArn: caller.arn, nowMs, signal: request.client.gone };
      const { fromMs, previousFromMs, costPicoUsd, previousPicoUsd, risers } = await weekOverview(question, parts);
      return {
        principal: caller.arn,
        from: new Date(fromMs),
        previousFrom: new Date(previousFromMs),
        costUsd: formatUsd(costPicoUsd),
        previousCostUsd: formatUsd(previousPicoUsd),
        models: risers.map(wireChange),
      };
    },
  };
  const budgetsOf = callerBudgets(parts);
  const getCallerBudgets: OperationHandler<object, unknown> = {
    access: { self: 'tallyline:GetCallerBudgets' },
    run: ({ caller, nowMs }) => ({
      principal: caller.arn,
      budgets: budgetsOf(caller, nowMs).map(({ resetsAtMs, ...budget }) => ({
        ...budget,
        ...(resetsAtMs !== undefined && { resetsAt: new Date(resetsAtMs) }),
      })),
    }),
  };
  return {
    GetCaller: getCaller,
    GetCallerSpend: getCallerSpend,
    GetCallerChanges: getCallerChanges,
    GetCallerBudgets: getCallerBudgets,
  };
}

function wireCaller(caller: Caller, region: string, directory: Directory): unknown {
  const { arn, kind, accountId, tags, session, sourceIdentity, gatewayKey } = caller;
  const expiresAtMs =
    gatewayKey?.expiresAtMs ?? session?.expiresAtMs ?? directory.serviceCredential(caller.accessKeyId)?.expiresAtMs;
  return {
    principal: arn,
    kind,
    accountId,
    accountName: directory.account(accountId)?.name,
    chain: identityChain(caller),
    tags: Object.fromEntries(tags),
    ...(session && { sessionTags: Object.fromEntries(session.sessionTags) }),
    ...(sourceIdentity !== undefined && { sourceIdentity }),
    region,
    ...(expiresAtMs !== undefined && { expiresAt: new Date(expiresAtMs) }),
    ...(gatewayKey && { scopes: gatewayKey.scopes }),
    ...(gatewayKey?.allowedModels && { allowedModels: gatewayKey.allowedModels }),
  };
}

function wireSpend({ fromMs, costPicoUsd, tokens, requests, unpricedTokens }: CallerSpend): object {
  return {
    from: new Date(fromMs),
    costUsd: formatUsd(costPicoUsd),
    tokens: tokens.toString(),
    requests: requests.toString(),
    unpricedTokens: unpricedTokens.toString(),
  };
}

function wireChange({ modelId, costPicoUsd, previousPicoUsd, drivers }: ModelChange): unknown {
  return {
    modelId,
    costUsd: formatUsd(costPicoUsd),
    previousCostUsd: formatUsd(previousPicoUsd),
    changeUsd: formatUsd(costPicoUsd - previousPicoUsd),
    drivers: drivers.map(({ type, name, baselinePicoUsd, comparisonPicoUsd }) => ({
      type,
      name,
      changeUsd: formatUsd(comparisonPicoUsd - baselinePicoUsd),
    })),
  };
}
