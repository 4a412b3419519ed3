import type { Directory } from '../../identity/directory.ts';
import { Fault } from '../../kernel/fault.ts';
import type { AttributionReport, AttributionRequest } from '../../paths/attribution-path.ts';
import type { OperationHandler } from '../../paths/operation-handler.ts';
import type { Finding } from '../../policy/attribution.ts';

export interface AttributionFindingsParts {
  readonly directory: Directory;
  readonly inspectAttribution: (request: AttributionRequest) => Promise<AttributionReport>;
}

interface GetAttributionFindingsInput {
  /** Absent: the caller's own. */
  readonly AccountId?: string;
  readonly RoleName?: string;
  readonly RequiredTagKeys?: readonly string[];
}

/** The worst ones are shown; the counts are of all. */
const SHOWN_MAX = 1_000;

/** GetAttributionFindings: a member account sees itself, the management account every account. */
export function getAttributionFindings({
  directory,
  inspectAttribution,
}: AttributionFindingsParts): OperationHandler<GetAttributionFindingsInput, unknown> {
  let isRunning = false;
  return {
    access: () => [{ action: 'tallyline:GetAttributionFindings', resource: '*' }],
    run: async ({ input, caller, nowMs }) => {
      const { AccountId: accountId = caller.accountId, RoleName: roleName, RequiredTagKeys } = input;
      if (accountId !== caller.accountId && !directory.account(caller.accountId)?.isManagement) {
        throw new Fault('ValidationException', `only the management account may inspect the account \`${accountId}\``);
      }
      if (!directory.account(accountId)) {
        throw new Fault('ResourceNotFoundException', `there is no account \`${accountId}\``);
      }
      if (roleName !== undefined && !directory.role(accountId, roleName)) {
        throw new Fault(
          'ResourceNotFoundException',
          `there is no role \`${roleName}\` in the account \`${accountId}\``,
        );
      }
      // It may take a core for twenty seconds, and many at once would take all requests' time.
      if (isRunning) throw new Fault('ThrottlingException', 'another inspection is running; ask again when it is done');
      isRunning = true;
      const report = await inspectAttribution({
        accountId,
        askedBy: caller.accountId,
        roleName: roleName === undefined ? undefined : directory.role(accountId, roleName)!.name,
        requiredTagKeys: RequiredTagKeys?.length ? RequiredTagKeys : undefined,
        nowMs,
      }).finally(() => {
        isRunning = false;
      });
      const { findings, requiredTagKeys, candidatesLeftOut } = report;
      const count = (severity: Finding['severity']) => findings.filter((one) => one.severity === severity).length;
      return {
        Findings: findings.slice(0, SHOWN_MAX).map(wireFinding),
        High: count('high'),
        Medium: count('medium'),
        Low: count('low'),
        RequiredTagKeys: requiredTagKeys,
        CandidatesLeftOut: candidatesLeftOut,
      };
    },
  };
}

function wireFinding({ kind, severity, subjectArn, statementId, risk, fix }: Finding): unknown {
  return { Kind: kind, Severity: severity, SubjectArn: subjectArn, StatementId: statementId, Risk: risk, Fix: fix };
}
