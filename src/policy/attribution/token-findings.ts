import type { Directory } from '../../identity/directory.ts';
import type { RequestFacts } from '../context.ts';
import { admit, allowingStatement, type Entrant, isAllowed } from './entrant.ts';
import type { Finding } from './finding.ts';
import { identityOf, isKnownProvider, isStranger, type TokenSource, tokenOf } from './token-sources.ts';
import type { TrustReading } from './trust-reading.ts';

/** An audience that no client has. */
const STRANGE_AUDIENCE = 'tallyline-probe';

/**
 * One entrant for each person or program of the provider that the role lets in. Strangers at a public provider are no
 * people of the account: that they get in is a finding by itself.
 */
export function tokenEntrants(reading: TrustReading, source: TokenSource, facts: RequestFacts): Entrant[] {
  const byIdentity = new Map<string, Entrant>();
  const own = source.isPublic ? source.subjects.filter((subject) => !isStranger(subject)) : source.subjects;
  for (const subject of own) {
    const entrant = admit(reading, tokenOf(source, subject, facts));
    if (entrant && !byIdentity.has(identityOf(source, subject))) byIdentity.set(identityOf(source, subject), entrant);
  }
  return [...byIdentity.values()];
}

/** What is missing from the conditions on a provider's tokens. */
export function tokenFindings(
  reading: TrustReading,
  source: TokenSource,
  directory: Directory,
  facts: RequestFacts,
): Finding[] {
  const { role } = reading;
  const subjectArn = reading.roleArn;
  if (!isKnownProvider(source, directory)) {
    const risk = `the role trusts ${source.providerArn}, which is not there: nobody gets in, until somebody makes a provider of that name`;
    const fix = `make the provider again, or take it out of the trust policy of ${role.name}`;
    return [{ kind: 'provider-missing', severity: 'low', subjectArn, risk, fix }];
  }
  return [strangerFinding(reading, source, facts), audienceFinding(reading, source, directory, facts)].filter(
    (finding) => finding !== undefined,
  );
}

function strangerFinding(reading: TrustReading, source: TokenSource, facts: RequestFacts): Finding | undefined {
  if (!source.isPublic) return undefined;
  for (const subject of source.subjects.filter(isStranger)) {
    const entrant = admit(reading, tokenOf(source, subject, facts));
    if (!entrant) continue;
    return {
      kind: 'anyone-may-assume',
      severity: 'high',
      subjectArn: reading.roleArn,
      ...statementOf(reading, entrant),
      risk: `${source.prefix} signs tokens for everybody, and a stranger's with the subject \`${subject}\` is taken`,
      fix: `name the subject: \`${subjectCommand(reading, source)}\``,
    };
  }
  return undefined;
}

/** The provider's client ids bound it already; one of several may be an application of somebody else. */
function audienceFinding(
  reading: TrustReading,
  source: TokenSource,
  directory: Directory,
  facts: RequestFacts,
): Finding | undefined {
  for (const subject of source.subjects) {
    const entrant = admit(reading, tokenOf(source, subject, facts, STRANGE_AUDIENCE));
    if (!entrant || !isAllowed(reading, entrant.candidate, entrant.session)) continue;
    const clientIds = directory.oidcProvider(source.providerArn)?.clientIds.length;
    const isSaml = source.action === 'sts:AssumeRoleWithSAML';
    return {
      kind: 'audience-not-checked',
      severity: clientIds === 1 ? 'low' : 'medium',
      subjectArn: reading.roleArn,
      ...statementOf(reading, entrant),
      risk: isSaml
        ? 'an assertion that was meant for another recipient is taken'
        : `a token for any ${clientIds === undefined ? 'client' : `of the ${clientIds} client ids`} of ${source.providerArn} is taken`,
      fix: `ask for the audience: \`tallyline trust-policy ${isSaml ? 'saml' : 'oidc'} --provider ${source.providerArn} --audience ${isSaml ? 'RECIPIENT_URL' : 'CLIENT_ID'}\``,
    };
  }
  return undefined;
}

function statementOf(reading: TrustReading, { candidate, session }: Entrant): { statementId?: string } {
  const statementId = allowingStatement(reading, candidate, session, candidate.action);
  return statementId === undefined ? {} : { statementId };
}

function subjectCommand({ role }: TrustReading, { prefix, providerArn }: TokenSource): string {
  if (!prefix.includes('github')) {
    return `tallyline trust-policy oidc --provider ${providerArn} --audience CLIENT_ID --subject SUBJECT`;
  }
  return `tallyline trust-policy github-actions --account ${role.accountId} --subject repo:OWNER/NAME:ref:refs/heads/main`;
}
