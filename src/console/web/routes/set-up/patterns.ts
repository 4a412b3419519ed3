/** What of this server stands in the commands. */
export interface ServerFacts {
  /** `https://tallyline.example.com`. */
  readonly endpoint: string;
  readonly region: string;
  readonly accountId: string;
}

interface Step {
  readonly title: string;
  readonly text?: string;
  readonly commands: string;
}

/** One of the ways in which AWS attributes inference cost to a principal. */
export interface Pattern {
  readonly id: 'user' | 'application' | 'federated' | 'gateway';
  readonly title: string;
  readonly suits: string;
  /** `line_item_iam_principal` of its calls. */
  readonly principal: (server: ServerFacts) => string;
  readonly steps: (server: ServerFacts) => readonly Step[];
}

const environment = ({ endpoint, region }: ServerFacts) =>
  `export AWS_ENDPOINT_URL=${endpoint}\nexport AWS_REGION=${region}`;

const MODEL = 'us.anthropic.claude-sonnet-4-6';

const call = `aws bedrock-runtime converse --model-id ${MODEL} \\
  --messages '[{"role":"user","content":[{"text":"Hello"}]}]'`;

export const PATTERNS: readonly Pattern[] = [
  {
    id: 'user',
    title: 'User or API key',
    suits: 'people with keys of their own, and first steps',
    principal: ({ accountId }) => `arn:aws:iam::${accountId}:user/ana`,
    steps: (server) => [
      {
        title: 'Make a user, with the tags that its cost is grouped by',
        text: 'As an administrator. Tags on the user go with every call that it signs.',
        commands: `${environment(server)}
aws iam create-user --user-name ana --tags Key=team,Value=search Key=cost-center,Value=4100
aws iam attach-user-policy --user-name ana --policy-arn arn:aws:iam::aws:policy/AmazonBedrockLimitedAccess`,
      },
      {
        title: 'Give it a key',
        text: 'An access key for AWS SDKs and the AWS CLI, or a Bedrock API key for clients that take a bearer token.',
        commands: `aws iam create-access-key --user-name ana
aws iam create-service-specific-credential --user-name ana --service-name bedrock.amazonaws.com --credential-age-days 90`,
      },
      { title: 'Call a model as that user', commands: `${environment(server)}\n${call}` },
    ],
  },
  {
    id: 'application',
    title: 'Application role',
    suits: 'services and jobs that run with a role',
    principal: ({ accountId }) => `arn:aws:sts::${accountId}:assumed-role/DocumentSearch/production`,
    steps: (server) => [
      {
        title: 'Make a role that only the application may take, under the name that you choose',
        text: 'The trust policy pins the name, and the tags are on the role: no caller can move its cost to somebody else.',
        commands: `tallyline trust-policy application --principal arn:aws:iam::${server.accountId}:user/app-runtime \\
  --session-name production > trust.json
aws iam create-role --role-name DocumentSearch --assume-role-policy-document file://trust.json \\
  --tags Key=team,Value=search Key=project,Value=document-search
aws iam attach-role-policy --role-name DocumentSearch --policy-arn arn:aws:iam::aws:policy/AmazonBedrockLimitedAccess`,
      },
      {
        title: 'Let the application assume it',
        text: 'A profile does it for any AWS SDK; credentials are renewed by themselves.',
        commands: `[profile document-search]
role_arn = arn:aws:iam::${server.accountId}:role/DocumentSearch
role_session_name = production
source_profile = app-runtime
region = ${server.region}
endpoint_url = ${server.endpoint}`,
      },
      { title: 'Call a model', commands: `AWS_PROFILE=document-search ${call}` },
    ],
  },
  {
    id: 'federated',
    title: 'Company sign-in',
    suits: 'people who sign in with Okta, Entra ID, Keycloak and the like',
    principal: ({ accountId }) => `arn:aws:sts::${accountId}:assumed-role/Developers/alice@example.com`,
    steps: (server) => [
      {
        title: 'Register the identity provider',
        text: 'Its tokens carry who somebody is, and the tags: department, team, cost center.',
        commands: `${environment(server)}
aws iam create-open-id-connect-provider --url https://login.example.com --client-id-list tallyline`,
      },
      {
        title: 'Make a role for the people who sign in there',
        commands: `tallyline trust-policy oidc --provider arn:aws:iam::${server.accountId}:oidc-provider/login.example.com \\
  --audience tallyline --require-tag team > trust.json
aws iam create-role --role-name Developers --assume-role-policy-document file://trust.json
aws iam attach-role-policy --role-name Developers --policy-arn arn:aws:iam::aws:policy/AmazonBedrockLimitedAccess`,
      },
      {
        title: 'Call a model with a token of the provider',
        text: 'The AWS CLI and SDKs exchange it themselves; OpenAI and Anthropic clients may present it as their API key.',
        commands: `${environment(server)}
export AWS_ROLE_ARN=arn:aws:iam::${server.accountId}:role/Developers
export AWS_ROLE_SESSION_NAME=alice@example.com
export AWS_WEB_IDENTITY_TOKEN_FILE=$HOME/.tallyline-token
${call}`,
      },
    ],
  },
  {
    id: 'gateway',
    title: 'LLM gateway',
    suits: 'many people behind one service; tools that speak OpenAI or Anthropic',
    principal: ({ accountId }) => `arn:aws:iam::${accountId}:user/ana`,
    steps: (server) => [
      {
        title: 'Make a key for each person, not one for the gateway',
        text: 'A gateway key belongs to a user, or to a role with a session name; what is called with it is theirs.',
        commands: 'tallyline keys create laptop-of-ana --user ana --days 90',
      },
      {
        title: 'Point the client here',
        commands: `# OpenAI clients
export OPENAI_BASE_URL=${server.endpoint}/openai/v1 OPENAI_API_KEY=tly-...

# Anthropic clients
export ANTHROPIC_BASE_URL=${server.endpoint}/anthropic ANTHROPIC_API_KEY=tly-...

# A coding agent that speaks Bedrock
export AWS_ENDPOINT_URL_BEDROCK_RUNTIME=${server.endpoint} AWS_BEARER_TOKEN_BEDROCK=tly-... AWS_REGION=${server.region}`,
      },
      {
        title: 'In front of Amazon Bedrock: a session at AWS for every caller',
        text: "AWS's own bill then names the same person as this one.",
        commands: `upstreams:
  - name: aws
    type: bedrock
    region: ${server.region}
    session:
      role: arn:aws:iam::${server.accountId}:role/BedrockGateway
      sessionName: '{name}'
      tags: { team: '{tags.team}' }`,
      },
    ],
  },
];
