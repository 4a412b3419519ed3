import type { Directory } from '../../identity/directory.ts';
import type { RequestFacts } from '../context.ts';
import { type Candidate, tokenCandidate } from './entrant.ts';
import type { AssumeAction, TrustReading } from './trust-reading.ts';

/** Providers whose tokens everybody can get, and whose subject is then all that keeps strangers out. */
const PUBLIC_ISSUERS =
  /^(token\.actions\.githubusercontent\.com|gitlab\.com|accounts\.google\.com|app\.terraform\.io|agent\.buildkite\.com)$/;

/** A provider that a trust policy names, and people and programs whose tokens it might sign. */
export interface TokenSource {
  readonly providerArn: string;
  readonly action: Exclude<AssumeAction, 'sts:AssumeRole'>;
  /** What its condition keys begin with. */
  readonly prefix: string;
  readonly isPublic: boolean;
  readonly subjects: readonly string[];
}

/** Two subjects that nobody wrote into a policy; the first is how a stranger's would look at GitHub. */
const STRANGERS = ['repo:tallyline-probe/stranger:ref:refs/heads/main', 'tallyline-probe'] as const;

export function tokenSources(reading: TrustReading): TokenSource[] {
  return (['sts:AssumeRoleWithWebIdentity', 'sts:AssumeRoleWithSAML'] as const).flatMap((action) => {
    const entrances = reading.entrances(action);
    const providers = new Set(entrances.flatMap(({ principals }) => principals.get('Federated') ?? []));
    return [...providers].map((providerArn) => {
      const url = providerArn.replace(/^arn:aws:iam::\d{12}:oidc-provider\//, '');
      const prefix = action === 'sts:AssumeRoleWithSAML' ? 'saml' : url;
      const conditions = entrances.flatMap(({ required }) => required);
      const patterns = conditions.filter(({ key }) => key.toLowerCase() === `${prefix}:sub`.toLowerCase());
      return {
        providerArn,
        action,
        prefix,
        isPublic: PUBLIC_ISSUERS.test(url),
        subjects: [...new Set([...patterns.flatMap(({ values }) => values.flatMap(subjectsLike)), ...STRANGERS])],
      };
    });
  });
}

/** Two subjects of a pattern. */
function subjectsLike(pattern: string): string[] {
  return ['probe', 'other'].map((filler) => pattern.replaceAll('*', filler).replaceAll('?', 'x'));
}

/** What stands for one person or program: at GitHub the repository, whatever branch or event a subject names. */
export function identityOf({ prefix }: TokenSource, subject: string): string {
  return prefix === 'token.actions.githubusercontent.com' ? subject.split(':').slice(0, 2).join(':') : subject;
}

export function tokenOf(
  { providerArn, action, prefix }: TokenSource,
  subject: string,
  facts: RequestFacts,
  audience?: string,
): Candidate {
  const claims = new Map<string, readonly string[]>([[`${prefix}:sub`.toLowerCase(), [subject]]]);
  if (audience !== undefined) claims.set(`${prefix}:aud`.toLowerCase(), [audience]);
  return tokenCandidate(providerArn, action, claims, facts, subject);
}

export function isStranger(subject: string): boolean {
  return (STRANGERS as readonly string[]).includes(subject);
}

/** Whether the provider is kept in the account; Cognito's and other built-in ones need not be. */
export function isKnownProvider({ providerArn }: TokenSource, directory: Directory): boolean {
  if (!providerArn.startsWith('arn:')) return true;
  return (directory.oidcProvider(providerArn) ?? directory.samlProvider(providerArn)) !== undefined;
}
