/**
 * The organisation and the calls of AWS's announcement of granular cost attribution for Amazon Bedrock (2026-04-17),
 * scenarios 1 to 3: quantities as implied by its tables at regional prices.
 */
export interface DemoCall {
  readonly modelId: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

export interface DemoUser {
  readonly userName: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly calls: readonly DemoCall[];
}

export interface DemoApplication {
  readonly roleName: string;
  readonly sessionName: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly calls: readonly DemoCall[];
}

export interface DemoPerson {
  /** Name of the session: the e-mail address that the identity provider knows the person by. */
  readonly sessionName: string;
  /** What the identity provider signs. */
  readonly tags: Readonly<Record<string, string>>;
  readonly calls: readonly DemoCall[];
}

const SONNET = 'anthropic.claude-sonnet-4-6';
const OPUS = 'anthropic.claude-opus-4-6-v1';
const NOVA_LITE = 'amazon.nova-lite-v1:0';

const DATA_SCIENCE = { team: 'BedrockDataScience', 'cost-center': '12345' };

/** Scenario 1: people with IAM users; the tags are the users'. */
export const USERS: readonly DemoUser[] = [
  {
    userName: 'user-1',
    tags: DATA_SCIENCE,
    calls: [
      { modelId: SONNET, inputTokens: 15_000, outputTokens: 9_000 },
      { modelId: SONNET, inputTokens: 6_000, outputTokens: 4_000 },
    ],
  },
  {
    userName: 'user-2',
    tags: DATA_SCIENCE,
    calls: [
      { modelId: OPUS, inputTokens: 30_000, outputTokens: 20_000 },
      { modelId: OPUS, inputTokens: 6_000, outputTokens: 16_000 },
    ],
  },
];

/** Scenario 2: applications that assume a role; the tags are the roles'. */
export const APPLICATIONS: readonly DemoApplication[] = [
  {
    roleName: 'Role-1',
    sessionName: 'session-123',
    tags: { project: 'DocFlow', 'cost-center': '12345' },
    calls: [
      { modelId: SONNET, inputTokens: 10_000, outputTokens: 0 },
      { modelId: OPUS, inputTokens: 0, outputTokens: 6_000 },
    ],
  },
  {
    roleName: 'Role-2',
    sessionName: 'session-456',
    tags: { project: 'ChatBackend', 'cost-center': '12345' },
    calls: [
      { modelId: NOVA_LITE, inputTokens: 1_000_000, outputTokens: 200_000 },
      { modelId: NOVA_LITE, inputTokens: 350_000, outputTokens: 8_300 },
    ],
  },
];

/** Scenario 3: people who sign in with an identity provider and share one role; the tags are their sessions'. */
export const FEDERATED: { readonly roleName: string; readonly people: readonly DemoPerson[] } = {
  roleName: 'Role-1',
  people: [
    {
      sessionName: 'user-1@acme.org',
      tags: { team: 'data-science', 'cost-center': '12345' },
      calls: [
        { modelId: OPUS, inputTokens: 50_000, outputTokens: 30_000 },
        { modelId: OPUS, inputTokens: 1_500, outputTokens: 6_000 },
      ],
    },
    {
      sessionName: 'user-2@acme.org',
      tags: { team: 'engineering', 'cost-center': '67890' },
      calls: [
        { modelId: SONNET, inputTokens: 30_000, outputTokens: 10_000 },
        { modelId: SONNET, inputTokens: 20_000, outputTokens: 6_000 },
      ],
    },
  ],
};

/** The tag keys that the payer activates, as billing spells them. */
export const TAG_KEYS = ['iamPrincipal/team', 'iamPrincipal/cost-center', 'iamPrincipal/project'] as const;
