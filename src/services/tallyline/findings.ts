import { type FindingFeedback, SEVERITIES, type Severity } from '../../detection/finding.ts';
import { concerns, type FindingRegistry, type KeptFinding } from '../../detection/finding-registry.ts';
import { headline } from '../../detection/finding-words.ts';
import type { Subject } from '../../detection/subject.ts';
import type { Caller } from '../../identity/principal.ts';
import { Fault } from '../../kernel/fault.ts';
import { formatUsd, parsePicoUsd } from '../../kernel/money.ts';
import { showFinding } from '../../paths/detection-path.ts';
import type { OperationHandler, OperationTable } from '../../paths/operation-handler.ts';
import type { ReportDeps } from '../../paths/report-path.ts';
import { type PageInput, type PageManner, resultPage } from '../../paths/result-page.ts';
import { type ReportScopeParts, type ScopedInput, scopedAccess, visibilityOf } from './report-scope.ts';
import { wireChange } from './spend-change.ts';

export interface FindingParts extends ReportDeps, ReportScopeParts {
  readonly findings: FindingRegistry;
  /** Ends what is followed of an answered finding. */
  readonly settleFinding: (findingId: string, isUsual: boolean) => Promise<void>;
}

interface ListInput extends ScopedInput, PageInput {
  /** Findings that went on after it. */
  readonly Since?: Date;
  readonly State?: 'open' | 'ended';
  /** Default: `low`, which is all. */
  readonly MinSeverity?: Severity;
  readonly Kind?: string;
  /** Value of the subject, or of one that shows the same. */
  readonly Value?: string;
}

interface GetInput extends ScopedInput {
  readonly FindingId: string;
}

const PAGE: PageManner = {
  size: 100,
  invalidToken: () => new Fault('InvalidNextTokenException', 'the token is not one of a page'),
};

/** ListFindings, GetFinding, PutFindingFeedback: what the standing watch found. */
export function findingOperations(parts: FindingParts): OperationTable {
  const visible = (input: ScopedInput, caller: Caller) =>
    parts.findings.all().filter((finding) => isVisible(finding, input, caller, parts));
  const list: OperationHandler<ListInput, unknown> = {
    access: scopedAccess('ListFindings'),
    run: ({ input, caller }) => {
      const { Since, State, MinSeverity = 'low', Kind, Value } = input;
      const found = visible(input, caller).filter(
        (finding) =>
          (Since === undefined || finding.untilMs > Since.getTime()) &&
          (State === undefined || (State === 'open') === (finding.endedAtMs === undefined)) &&
          SEVERITIES.indexOf(finding.severity) >= SEVERITIES.indexOf(MinSeverity) &&
          (Kind === undefined || finding.kind === Kind) &&
          (Value === undefined || [finding.subject, ...finding.alsoSeenOn].some(({ value }) => value === Value)),
      );
      const { items, rest } = resultPage(found, orderOf, input, PAGE);
      return { Findings: items.map(wireFinding), ...rest };
    },
  };
  const get: OperationHandler<GetInput, unknown> = {
    access: scopedAccess('GetFinding'),
    run: async ({ input, caller, nowMs, request }) => {
      const finding = visible(input, caller).find(({ id }) => id === input.FindingId);
      if (!finding) throw new Fault('ResourceNotFoundException', `there is no finding \`${input.FindingId}\``);
      const shown = await showFinding(finding, visibilityOf(input, caller, parts), nowMs, parts, request.client.gone);
      return {
        Finding: wireFinding(finding),
        Series: shown.hours.map(({ startMs, costPicoUsd, expectedUsd, upperUsd }) => ({
          ...{ Start: new Date(startMs), CostUsd: formatUsd(costPicoUsd) },
          ...(expectedUsd !== undefined && { ExpectedUsd: expectedUsd.toFixed(6) }),
          ...(upperUsd !== undefined && { UpperUsd: upperUsd.toFixed(6) }),
        })),
        ...{ Change: wireChange(shown.change) },
        ...{ PreviousStart: new Date(shown.before.startMs), PreviousEnd: new Date(shown.before.endMs) },
      };
    },
  };
  const put: OperationHandler<{ readonly FindingId: string; readonly Feedback: FindingFeedback }, unknown> = {
    access: () => [{ action: 'tallyline:PutFindingFeedback', resource: '*' }],
    run: async ({ input: { FindingId, Feedback }, caller, nowMs }) => {
      if (!visible({}, caller).some(({ id }) => id === FindingId)) {
        throw new Fault('ResourceNotFoundException', `there is no finding \`${FindingId}\``);
      }
      const finding = await parts.findings.giveFeedback(FindingId, Feedback, caller.arn, nowMs);
      await parts.settleFinding(FindingId, Feedback !== 'fixed');
      return { Finding: wireFinding(finding) };
    },
  };
  return { ListFindings: list, GetFinding: get, PutFindingFeedback: put };
}

/**
 * Whether a finding is the caller's to see: one's own are about oneself, a team's about its tag or a principal that shows on
 * it. Accounts beside the management account see what is about principals of theirs.
 */
function isVisible(finding: KeptFinding, { Scope = 'ALL' }: ScopedInput, caller: Caller, parts: FindingParts): boolean {
  const { managementAccountId, teamTagKey } = parts;
  const { kind, value } = finding.subject;
  const isOfAccount = kind === 'principal' && value.split(':')[4] === caller.accountId;
  if (caller.accountId !== managementAccountId && !isOfAccount) return false;
  if (Scope === 'ALL') return true;
  if (Scope === 'OWN') return kind === 'principal' && value === caller.arn;
  const team = caller.tags.get(teamTagKey);
  return team !== undefined && concerns(finding, { kind: 'tag', tagKey: `iamPrincipal/${teamTagKey}`, value: team });
}

function orderOf({ sinceMs, id }: KeptFinding): string {
  // Latest first: what is later has the smaller text.
  return `${(Number.MAX_SAFE_INTEGER - sinceMs).toString().padStart(16, '0')}\n${id}`;
}

function wireFinding(finding: KeptFinding) {
  const { id, kind, subject, alsoSeenOn, grain, sinceMs, untilMs, detectedAtMs, endedAtMs } = finding;
  const { actualUsd, expectedUsd, score, severity, evidence, causes, feedback, billedBy } = finding;
  return {
    ...{ FindingId: id, Kind: kind, Title: headline(finding), Grain: grain, Severity: severity, Score: score },
    ...{ Subject: wireSubject(subject), AlsoSeenOn: alsoSeenOn.map(wireSubject) },
    ...{ Since: new Date(sinceMs), Until: new Date(untilMs), DetectedAt: new Date(detectedAtMs) },
    ...(endedAtMs !== undefined && { EndedAt: new Date(endedAtMs) }),
    ...{ ActualUsd: actualUsd, ExpectedUsd: expectedUsd, Book: billedBy === undefined ? 'ledger' : 'bill' },
    ImpactUsd: formatUsd(parsePicoUsd(actualUsd) - parsePicoUsd(expectedUsd)),
    Evidence: evidence,
    Causes: causes.map(({ principal, model, reason, excessUsd }) => {
      return { Principal: principal, ModelId: model, Reason: reason, ExcessUsd: excessUsd };
    }),
    ...(feedback && { Feedback: { Says: feedback.says, By: feedback.byArn, At: new Date(feedback.atMs) } }),
  };
}

function wireSubject({ kind, tagKey, value }: Subject) {
  return kind === 'tag' ? { Type: 'TAG', Key: tagKey, Value: value } : { Type: 'DIMENSION', Key: kind, Value: value };
}
