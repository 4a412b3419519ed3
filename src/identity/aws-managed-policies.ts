import { createHash } from 'node:crypto';
import { NO_TAGS } from '../kernel/tags.ts';
import { newUniqueId } from './identifier.ts';
import { type ManagedPolicy, policyArn } from './managed-policy.ts';

interface Definition {
  readonly name: string;
  /** `/` unless it is a job function. */
  readonly path?: string;
  readonly description: string;
  readonly statements: readonly object[];
}

const allow = (action: string | readonly string[], resource: string | readonly string[] = '*') => ({
  Effect: 'Allow',
  Action: action,
  Resource: resource,
});

/** Statements move no money: they say who is to be charged for what. */
const STATEMENT_CHANGES = [
  'tallyline:ApproveStatement',
  'tallyline:CreateStatementDefinition',
  'tallyline:DeleteStatementDefinition',
  'tallyline:DisputeStatement',
  'tallyline:IssueStatements',
  'tallyline:ResolveDispute',
  'tallyline:SendStatement',
  'tallyline:UpdateStatementDefinition',
  'tallyline:VoidStatement',
];

/** Of everybody in the console. */
const MEMBER_ACTIONS = [
  'tallyline:GetOwnReport',
  'tallyline:GetTeamReport',
  'tallyline:ListAnnotations',
  'tallyline:ListSavedViews',
];

/** Views and annotations, which belong to whoever made them. */
const OWN_CONSOLE_RECORDS = [
  'tallyline:DeleteAnnotation',
  'tallyline:DeleteSavedView',
  'tallyline:PutAnnotation',
  'tallyline:PutSavedView',
];

/**
 * The policies that AWS manages, as far as they say something about the services that are answered here. Documents
 * follow the AWS Managed Policy Reference (checked 2026-11), cut down to those services; `tallyline`, our own service,
 * was added where costs may be read. The last four are ours: who may do what in the console.
 */
const DEFINITIONS: readonly Definition[] = [
  {
    name: 'AdministratorAccess',
    description: 'Provides full access to AWS services and resources.',
    statements: [allow('*')],
  },
  {
    name: 'PowerUserAccess',
    description:
      'Provides full access to AWS services and resources, but does not allow management of Users and groups.',
    statements: [
      { Effect: 'Allow', NotAction: ['iam:*', 'organizations:*', 'account:*'], Resource: '*' },
      allow(['iam:ListRoles', 'account:GetAccountInformation', 'organizations:DescribeOrganization']),
    ],
  },
  {
    name: 'ReadOnlyAccess',
    description: 'Provides read-only access to AWS services and resources.',
    statements: [
      allow([
        'bcm-data-exports:Get*',
        'bcm-data-exports:List*',
        'bedrock:Get*',
        'bedrock:List*',
        'budgets:Describe*',
        'budgets:View*',
        'ce:Describe*',
        'ce:Get*',
        'ce:List*',
        'cloudtrail:LookupEvents',
        'iam:Generate*',
        'iam:Get*',
        'iam:List*',
        'iam:Simulate*',
        'sts:GetAccessKeyInfo',
        'sts:GetCallerIdentity',
        'sts:GetSessionToken',
        'tallyline:ExplainSpend',
        'tallyline:Get*',
        'tallyline:List*',
        'tallyline:LookupAuditEvents',
      ]),
    ],
  },
  {
    name: 'AWSCloudTrail_ReadOnlyAccess',
    description: 'Provides read only access to the event history of AWS CloudTrail.',
    statements: [{ Sid: 'CloudTrailReadOnly', ...allow(['cloudtrail:LookupEvents', 'tallyline:LookupAuditEvents']) }],
  },
  {
    name: 'AmazonBedrockFullAccess',
    description:
      'Provides full access to Amazon Bedrock as well as limited access to related services that are required by it.',
    statements: [{ Sid: 'BedrockAll', ...allow('bedrock:*') }],
  },
  {
    // The whole document of version 7 (2026-03-23): every Bedrock API key of the console has it.
    name: 'AmazonBedrockLimitedAccess',
    description: 'Provides limited access to Amazon Bedrock as well as to related services that are required by it',
    statements: [
      {
        Sid: 'BedrockAPIs',
        ...allow([
          'bedrock:Get*',
          'bedrock:List*',
          'bedrock:CallWithBearerToken',
          'bedrock:BatchDeleteEvaluationJob',
          'bedrock:CancelAutomatedReasoningPolicyBuildWorkflow',
          'bedrock:CreateAutomatedReasoningPolicy',
          'bedrock:CreateAutomatedReasoningPolicyTestCase',
          'bedrock:CreateAutomatedReasoningPolicyVersion',
          'bedrock:CreateEvaluationJob',
          'bedrock:CreateGuardrail',
          'bedrock:CreateGuardrailVersion',
          'bedrock:CreateInferenceProfile',
          'bedrock:CreateModelCopyJob',
          'bedrock:CreateModelCustomizationJob',
          'bedrock:CreateModelImportJob',
          'bedrock:CreateModelInvocationJob',
          'bedrock:CreatePromptRouter',
          'bedrock:CreateProvisionedModelThroughput',
          'bedrock:DeleteAutomatedReasoningPolicy',
          'bedrock:DeleteAutomatedReasoningPolicyBuildWorkflow',
          'bedrock:DeleteAutomatedReasoningPolicyTestCase',
          'bedrock:DeleteCustomModel',
          'bedrock:DeleteGuardrail',
          'bedrock:DeleteImportedModel',
          'bedrock:DeleteInferenceProfile',
          'bedrock:DeletePromptRouter',
          'bedrock:DeleteProvisionedModelThroughput',
          'bedrock:ExportAutomatedReasoningPolicyVersion',
          'bedrock:StartAutomatedReasoningPolicyBuildWorkflow',
          'bedrock:StartAutomatedReasoningPolicyTestWorkflow',
          'bedrock:StopEvaluationJob',
          'bedrock:StopModelCustomizationJob',
          'bedrock:StopModelInvocationJob',
          'bedrock:TagResource',
          'bedrock:UntagResource',
          'bedrock:UpdateAutomatedReasoningPolicy',
          'bedrock:UpdateAutomatedReasoningPolicyAnnotations',
          'bedrock:UpdateAutomatedReasoningPolicyTestCase',
          'bedrock:UpdateGuardrail',
          'bedrock:UpdateProvisionedModelThroughput',
          'bedrock:ApplyGuardrail',
          'bedrock:InvokeAutomatedReasoningPolicy',
          'bedrock:InvokeModel',
          'bedrock:InvokeModelWithResponseStream',
        ]),
      },
      { Sid: 'DescribeKey', ...allow(['kms:DescribeKey'], 'arn:*:kms:*:::*') },
      {
        Sid: 'APIsWithAllResourceAccess',
        ...allow(['iam:ListRoles', 'ec2:DescribeVpcs', 'ec2:DescribeSubnets', 'ec2:DescribeSecurityGroups']),
      },
      {
        Sid: 'BedrockMantleAPIs',
        ...allow([
          'bedrock-mantle:CallWithBearerToken',
          'bedrock-mantle:Get*',
          'bedrock-mantle:List*',
          'bedrock-mantle:CreateInference',
        ]),
      },
      {
        Sid: 'MarketplaceOperationsFromBedrockFor3pModels',
        ...allow(['aws-marketplace:Subscribe', 'aws-marketplace:ViewSubscriptions', 'aws-marketplace:Unsubscribe']),
        Condition: { StringEquals: { 'aws:CalledViaLast': 'bedrock.amazonaws.com' } },
      },
    ],
  },
  {
    name: 'AmazonBedrockReadOnly',
    description: 'Provides read only access to Amazon Bedrock.',
    statements: [{ Sid: 'AmazonBedrockReadOnly', ...allow(['bedrock:Get*', 'bedrock:List*']) }],
  },
  {
    name: 'IAMFullAccess',
    description: 'Provides full access to IAM.',
    statements: [allow('iam:*')],
  },
  {
    name: 'IAMReadOnlyAccess',
    description: 'Provides read only access to IAM.',
    statements: [
      allow([
        'iam:GenerateServiceLastAccessedDetails',
        'iam:Get*',
        'iam:List*',
        'iam:SimulateCustomPolicy',
        'iam:SimulatePrincipalPolicy',
      ]),
    ],
  },
  {
    name: 'AWSBillingReadOnlyAccess',
    description: 'Allows users to view bills on the Billing Console.',
    statements: [
      allow([
        'account:GetAccountInformation',
        'bcm-data-exports:Get*',
        'bcm-data-exports:List*',
        'budgets:Describe*',
        'budgets:ViewBudget',
        'ce:Describe*',
        'ce:Get*',
        'ce:List*',
        'tallyline:ExplainSpend',
        'tallyline:Get*',
        'tallyline:List*',
      ]),
    ],
  },
  {
    name: 'Billing',
    path: '/job-function/',
    description:
      'Grants permissions for billing and cost management: viewing account usage and viewing and modifying budgets.',
    statements: [allow(['account:GetAccountInformation', 'bcm-data-exports:*', 'budgets:*', 'ce:*', 'tallyline:*'])],
  },
  {
    name: 'AWSBudgetsReadOnlyAccess',
    description: 'Provides read only access to AWS Budgets.',
    statements: [allow(['budgets:Describe*', 'budgets:ViewBudget'])],
  },
  {
    name: 'TallylineAdministratorAccess',
    description: 'Provides full access to Tallyline: its users, keys, models, reports, budgets, exports and bills.',
    statements: [
      allow([
        'account:*',
        'bcm-data-exports:*',
        'bedrock:*',
        'budgets:*',
        'ce:*',
        'cloudtrail:*',
        'iam:*',
        'organizations:*',
        'sts:*',
        'tallyline:*',
      ]),
    ],
  },
  {
    // No operation that begins with Get or List answers with a secret: those are shown once, to whoever makes them.
    name: 'TallylineFinanceAccess',
    description:
      'Provides read access to all figures, issues statements of them, and has to do with no key, secret or permission.',
    statements: [
      allow([
        'account:GetAccountInformation',
        'bcm-data-exports:Get*',
        'bcm-data-exports:List*',
        'budgets:Describe*',
        'budgets:List*',
        'budgets:View*',
        'ce:Describe*',
        'ce:Get*',
        'ce:List*',
        'cloudtrail:LookupEvents',
        'organizations:Describe*',
        'organizations:List*',
        'tallyline:ExplainSpend',
        'tallyline:Get*',
        'tallyline:List*',
        'tallyline:LookupAuditEvents',
        'tallyline:Preview*',
        'tallyline:PutFindingFeedback',
        'tallyline:Search*',
        ...STATEMENT_CHANGES,
        ...OWN_CONSOLE_RECORDS,
      ]),
    ],
  },
  {
    name: 'TallylineMemberAccess',
    description: "Provides read access to the caller's own figures and to those of the caller's team.",
    statements: [allow([...MEMBER_ACTIONS, ...OWN_CONSOLE_RECORDS])],
  },
  {
    name: 'TallylineTeamLeadAccess',
    description: "Provides what members have, and approves and disputes the statements of the caller's team.",
    statements: [
      allow([
        ...MEMBER_ACTIONS,
        ...OWN_CONSOLE_RECORDS,
        'tallyline:ApproveTeamStatement',
        'tallyline:DisputeTeamStatement',
      ]),
    ],
  },
];

/** AWS shows when each was made; here they are all as old as the policy language. */
const CREATED_AT_MS = Date.UTC(2015, 1, 6);

/** Policies that AWS manages, by ARN. */
export const AWS_MANAGED_POLICIES: ReadonlyMap<string, ManagedPolicy> = new Map(
  DEFINITIONS.map(({ name, path = '/', description, statements }) => {
    const policy: ManagedPolicy = {
      version: 0,
      accountId: 'aws',
      // AWS's own ids tell nothing; these are as stable.
      id: newUniqueId('ANPA', (size) => createHash('sha256').update(name).digest().subarray(0, size)),
      name,
      path,
      description,
      createdAtMs: CREATED_AT_MS,
      updatedAtMs: CREATED_AT_MS,
      versions: [
        {
          id: 'v1',
          document: JSON.stringify({ Version: '2012-10-17', Statement: statements }),
          createdAtMs: CREATED_AT_MS,
        },
      ],
      defaultVersionId: 'v1',
      nextVersionNumber: 2,
      tags: NO_TAGS,
    };
    return [policyArn(policy), policy];
  }),
);
