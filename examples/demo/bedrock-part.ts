import { PAYER } from './company.ts';

/** An upstream that exists in the configuration alone: who looks at the demo has no account at AWS that it may call. */
export const BEDROCK_UPSTREAM = 'amazon-bedrock';
/** What the gateway assumes at AWS for every caller, in a session with the caller's name and tags. */
const SESSION_ROLE = 'BedrockCaller';
export const BEDROCK_ROLE_ARN = `arn:aws:iam::${PAYER}:role/${SESSION_ROLE}`;

/** Roles of the applications whose calls went to Amazon Bedrock. All other calls, and those that are made from now on, are simulated. */
export const BEDROCK_CALLERS: readonly string[] = ['DocsSearch', 'AgentAssist', 'ContractReview', 'FraudNotes'];

/** The principal that AWS's bill names for a caller; undefined for one whose calls did not go there. */
export function bedrockPrincipalOf(principalArn: string): string | undefined {
  const [, role = '', session] = /:assumed-role\/([^/]+)\/(.+)$/.exec(principalArn) ?? [];
  return BEDROCK_CALLERS.includes(role) ? `arn:aws:sts::${PAYER}:assumed-role/${SESSION_ROLE}/${session}` : undefined;
}
