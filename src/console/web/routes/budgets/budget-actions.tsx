import type { ReactElement } from 'react';
import { useMay, useSession } from '../../api/session.ts';
import { useCall, useChange } from '../../api/use-call.ts';
import { Button } from '../../components/button.tsx';
import { Card } from '../../components/card.tsx';
import { Refusal } from '../../components/field.tsx';
import { shortName } from '../../components/name-badge.tsx';
import { money } from '../../format/amounts.ts';

interface BudgetAction {
  readonly ActionId: string;
  readonly NotificationType: 'ACTUAL' | 'FORECASTED';
  readonly ActionType: 'APPLY_IAM_POLICY' | 'APPLY_SCP_POLICY' | 'RUN_SSM_DOCUMENTS';
  readonly ActionThreshold: { readonly ActionThresholdValue: number; readonly ActionThresholdType: string };
  readonly Definition: {
    readonly IamActionDefinition?: {
      readonly PolicyArn: string;
      readonly Users?: readonly string[];
      readonly Groups?: readonly string[];
      readonly Roles?: readonly string[];
    };
    readonly ScpActionDefinition?: { readonly PolicyId: string; readonly TargetIds: readonly string[] };
  };
  readonly ApprovalModel: 'AUTOMATIC' | 'MANUAL';
  readonly Status: string;
}

/** What may be done about an action, by its state; AWS's names. */
const STEPS: Readonly<Record<string, readonly [execution: string, verb: string]>> = {
  PENDING: ['APPROVE_BUDGET_ACTION', 'Carry out'],
  EXECUTION_FAILURE: ['RETRY_BUDGET_ACTION', 'Try again'],
  EXECUTION_SUCCESS: ['REVERSE_BUDGET_ACTION', 'Reverse'],
  REVERSE_FAILURE: ['REVERSE_BUDGET_ACTION', 'Reverse again'],
  REVERSE_SUCCESS: ['RESET_BUDGET_ACTION', 'Arm again'],
};

/** Policies that are attached when a threshold is crossed. Shown where a budget has any. */
export function BudgetActions({ budgetName: BudgetName }: { readonly budgetName: string }): ReactElement | null {
  const { AccountId } = useSession();
  const may = useMay('budgets:ExecuteBudgetAction');
  const of = { AccountId, BudgetName };
  const { data } = useCall<{ readonly Actions: readonly BudgetAction[] }>(
    'budgets',
    'DescribeBudgetActionsForBudget',
    of,
  );
  const execute = useChange<object>('budgets', 'ExecuteBudgetAction', ['budgets', 'DescribeBudgetActionsForBudget']);
  if (!data || data.Actions.length === 0) return null;
  return (
    <Card title="Actions" note="guardrails that are put up when a threshold is crossed">
      <ul className="stack">
        {data.Actions.map((action) => {
          const step = STEPS[action.Status];
          return (
            <li key={action.ActionId} className="row spread">
              <span>
                <span className={`chip ${action.Status.endsWith('FAILURE') ? 'chip-bad' : ''}`}>
                  {action.Status.toLowerCase().replaceAll('_', ' ')}
                </span>{' '}
                {actionText(action)}
                <br />
                <span className="faint small">
                  {action.NotificationType === 'ACTUAL' ? 'when spent exceeds' : 'when the forecast exceeds'}{' '}
                  {thresholdText(action)}, {action.ApprovalModel === 'AUTOMATIC' ? 'by itself' : 'once approved'}
                </span>
              </span>
              {step && (
                <Button
                  small
                  disabled={!may('budgets:ExecuteBudgetAction')}
                  busy={execute.isPending}
                  onClick={() => execute.mutate({ ...of, ActionId: action.ActionId, ExecutionType: step[0] })}
                >
                  {step[1]}
                </Button>
              )}
            </li>
          );
        })}
      </ul>
      <Refusal error={execute.error} />
    </Card>
  );
}

function actionText({ Definition: { IamActionDefinition: iam, ScpActionDefinition: scp } }: BudgetAction): string {
  if (iam) {
    const whom = [...(iam.Users ?? []), ...(iam.Groups ?? []), ...(iam.Roles ?? [])];
    return `attach ${shortName(iam.PolicyArn)} to ${whom.join(', ')}`;
  }
  return scp ? `attach ${scp.PolicyId} to ${scp.TargetIds.join(', ')}` : 'nothing';
}

function thresholdText({ ActionThreshold: { ActionThresholdValue: value, ActionThresholdType: type } }: BudgetAction) {
  return type === 'ABSOLUTE_VALUE' ? money(String(value)) : `${value} %`;
}
