import type { Protocol, ServiceId } from './operation.ts';

/** What the model data does not say about a service. */
export interface Service {
  readonly id: ServiceId;
  /** Its own, in which its clients speak. */
  readonly protocol: Exclude<Protocol, 'apiJson'>;
  /** awsJson: what stands before the last dot in `X-Amz-Target`; clients of one service may differ. */
  readonly targetPrefixes?: readonly string[];
  /** awsQuery: the `Version` parameter. */
  readonly version?: string;
  /** awsQuery: namespace of answers and errors. */
  readonly xmlNamespace?: string;
  /** restJson: what stands before the paths of the model, any of them; absent: nothing. */
  readonly pathPrefixes?: readonly string[];
  readonly validation: ValidationManner;
  /** True: `model/<id>-extensions.json` names values that enums have for requests that ask for extensions. */
  readonly hasExtensions?: true;
}

/** How a service words and applies the constraints of its model. */
export interface ValidationManner {
  /**
   * True: `Value 'x' at 'member'`. False: `Value at 'member'`, for null as well, as IAM words it since it moved to its
   * newer validator. Sensitive values are never shown.
   */
  readonly echoesValues: boolean;
  /**
   * `Structure.member` of the enums that are checked; absent: all. The service knows values before its public model
   * does.
   */
  readonly checkedEnums?: readonly string[];
  /** True: InvalidInputException with a Reason and no more than a sentence (public error reports, 2026-11). */
  readonly isInvalidInput?: true;
}

const ECHOING: ValidationManner = { echoesValues: true };

/**
 * Texts: STS probed live, IAM and Bedrock from public error reports (2026-11); the billing services are taken to be
 * like STS.
 */
export const SERVICES: Readonly<Record<ServiceId, Service>> = {
  sts: {
    id: 'sts',
    protocol: 'awsQuery',
    version: '2011-06-15',
    xmlNamespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
    validation: ECHOING,
  },
  iam: {
    id: 'iam',
    protocol: 'awsQuery',
    version: '2010-05-08',
    xmlNamespace: 'https://iam.amazonaws.com/doc/2010-05-08/',
    validation: { echoesValues: false },
  },
  bedrock: { id: 'bedrock', protocol: 'restJson', validation: ECHOING },
  'bedrock-runtime': {
    id: 'bedrock-runtime',
    protocol: 'restJson',
    validation: { echoesValues: true, checkedEnums: ['Message.role'] },
  },
  'bedrock-agent-runtime': { id: 'bedrock-agent-runtime', protocol: 'restJson', validation: ECHOING },
  ce: {
    id: 'ce',
    protocol: 'awsJson',
    targetPrefixes: ['AWSInsightsIndexService'],
    validation: ECHOING,
    hasExtensions: true,
  },
  'bcm-data-exports': {
    id: 'bcm-data-exports',
    protocol: 'awsJson',
    targetPrefixes: ['AWSBillingAndCostManagementDataExports'],
    validation: ECHOING,
  },
  budgets: { id: 'budgets', protocol: 'awsJson', targetPrefixes: ['AWSBudgetServiceGateway'], validation: ECHOING },
  organizations: {
    id: 'organizations',
    protocol: 'awsJson',
    targetPrefixes: ['AWSOrganizationsV20161128'],
    validation: { echoesValues: false, isInvalidInput: true },
  },
  cloudtrail: {
    id: 'cloudtrail',
    protocol: 'awsJson',
    // The JavaScript SDK's, and botocore's.
    targetPrefixes: ['CloudTrail_20131101', 'com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101'],
    validation: ECHOING,
  },
  openai: { id: 'openai', protocol: 'restJson', pathPrefixes: ['/openai/v1', '/v1'], validation: ECHOING },
  anthropic: { id: 'anthropic', protocol: 'restJson', pathPrefixes: ['/anthropic/v1', '/v1'], validation: ECHOING },
  gateway: { id: 'gateway', protocol: 'restJson', pathPrefixes: ['/gateway/v1'], validation: ECHOING },
  console: { id: 'console', protocol: 'restJson', pathPrefixes: ['/api/v1'], validation: ECHOING },
  scim: { id: 'scim', protocol: 'restJson', pathPrefixes: ['/scim/v2'], validation: ECHOING },
  tallyline: { id: 'tallyline', protocol: 'awsJson', targetPrefixes: ['Tallyline'], validation: ECHOING },
};

const ALL = Object.values(SERVICES);

export const SERVICE_BY_TARGET: ReadonlyMap<string, Service> = new Map(
  ALL.flatMap((service) => (service.targetPrefixes ?? []).map((prefix) => [prefix, service] as const)),
);

export const SERVICE_BY_VERSION: ReadonlyMap<string, Service> = new Map(
  ALL.flatMap((service) => (service.version ? [[service.version, service] as const] : [])),
);

/** In the order in which a path is looked up: inference first, because it is what most requests are. */
export const REST_SERVICES: readonly Service[] = [
  SERVICES['bedrock-runtime'],
  SERVICES['bedrock-agent-runtime'],
  SERVICES.openai,
  SERVICES.anthropic,
  SERVICES.bedrock,
  SERVICES.gateway,
  SERVICES.console,
  SERVICES.scim,
];
