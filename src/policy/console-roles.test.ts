import { describe, expect, it } from 'vitest';
import { callerNamed, FACTS } from '../../test/vectors/policy/vectors.ts';
import { AWS_MANAGED_POLICIES } from '../identity/aws-managed-policies.ts';
import model from '../wire/model/tallyline.json' with { type: 'json' };
import { authorize } from './authorize.ts';
import { globalContext } from './context.ts';

const CALLER = callerNamed('alice');
const OPERATIONS = Object.keys(model.operations).map((name) => `tallyline:${name}`);

/** Whether somebody with nothing but the policy may do it. */
function may(policy: string, action: string): boolean {
  const id = `arn:aws:iam::aws:policy/${policy}`;
  const { versions } = AWS_MANAGED_POLICIES.get(id)!;
  const request = { caller: CALLER, action, resource: '*', context: globalContext(CALLER, FACTS) };
  return authorize(request, { identity: [{ id, text: versions[0]!.document }] }).allowed;
}

const WRITES_OF_IAM = [
  'iam:CreateUser',
  'iam:CreateAccessKey',
  'iam:PutUserPolicy',
  'iam:AttachRolePolicy',
  'iam:PassRole',
];
const FIGURES_OF_ALL = [
  'tallyline:ExplainSpend',
  'tallyline:GetReport',
  'tallyline:ListRequests',
  'tallyline:GetInvoice',
  'ce:GetCostAndUsage',
  'budgets:ViewBudget',
];
const FIGURES_OF_FEW = ['tallyline:GetTeamReport', 'tallyline:GetOwnReport'];

describe('TallylineAdministratorAccess', () => {
  it('may do everything there is', () => {
    const all = [...OPERATIONS, ...WRITES_OF_IAM, ...FIGURES_OF_ALL, ...FIGURES_OF_FEW, 'bedrock:InvokeModel'];
    expect(all.filter((action) => !may('TallylineAdministratorAccess', action))).toEqual([]);
  });
});

describe('TallylineFinanceAccess', () => {
  it('sees all figures', () => {
    const seen = [...FIGURES_OF_ALL, ...FIGURES_OF_FEW, 'tallyline:LookupAuditEvents', 'tallyline:PutSavedView'];
    expect(seen.filter((action) => !may('TallylineFinanceAccess', action))).toEqual([]);
  });

  it('issues statements, makes no key, sees no secret, changes neither money nor permissions', () => {
    const statements = OPERATIONS.filter((action) => /Statement|ResolveDispute/.test(action));
    expect(statements.filter((action) => !may('TallylineFinanceAccess', action))).toEqual([]);
    const changes = OPERATIONS.filter(
      (action) =>
        !/:(ExplainSpend|Get|List|Lookup|Preview|Search)|SavedView|Annotation|Statement|ResolveDispute|FindingFeedback/.test(
          action,
        ),
    );
    expect(changes).toContain('tallyline:CreateGatewayKey');
    expect(changes).toContain('tallyline:RotateMasterKey');
    const refused = [...changes, ...WRITES_OF_IAM, 'iam:ListAccessKeys', 'sts:AssumeRole', 'bedrock:InvokeModel'];
    expect([...refused, 'budgets:ModifyBudget'].filter((action) => may('TallylineFinanceAccess', action))).toEqual([]);
  });
});

describe('TallylineMemberAccess', () => {
  it('sees the own and the team figures, and keeps views', () => {
    const seen = [...FIGURES_OF_FEW, 'tallyline:PutSavedView', 'tallyline:ListSavedViews'];
    expect(seen.filter((action) => !may('TallylineMemberAccess', action))).toEqual([]);
  });

  it('sees nothing else of anybody', () => {
    const others = OPERATIONS.filter((action) => !/SavedView|Annotation/.test(action));
    const refused = [...others, ...FIGURES_OF_ALL, ...WRITES_OF_IAM, 'bedrock:InvokeModel', 'iam:GetUser'];
    expect(refused.filter((action) => may('TallylineMemberAccess', action))).toEqual([]);
  });
});

describe('TallylineTeamLeadAccess', () => {
  it('decides on the statements of the own team beside what members see', () => {
    const own = ['tallyline:ApproveTeamStatement', 'tallyline:DisputeTeamStatement', ...FIGURES_OF_FEW];
    expect(own.filter((action) => !may('TallylineTeamLeadAccess', action))).toEqual([]);
    expect(own.slice(0, 2).filter((action) => may('TallylineMemberAccess', action))).toEqual([]);
    const others = OPERATIONS.filter((action) => !/SavedView|Annotation/.test(action));
    expect([...others, ...FIGURES_OF_ALL].filter((action) => may('TallylineTeamLeadAccess', action))).toEqual([]);
  });
});
