import { parseArn } from '../../kernel/arn.ts';
import { type AskedSession, allowingStatement, canBeNamed, type Entrant, isAllowed, otherPlan } from './entrant.ts';
import type { Finding, FindingKind, Severity } from './finding.ts';
import { OTHER_CHOICE } from './session-plan.ts';
import type { TrustReading } from './trust-reading.ts';

/** A tag value, key and source identity that no one has. */
const MADE_UP = 'tallyline-probe';

/** Entrants whose tags are tried out one by one; a statement that lets the first ones choose is found by them. */
const TAG_TRIALS_MAX = 50;

/** What the answers about one role are made of. */
export interface RoleView {
  readonly reading: TrustReading;
  readonly entrants: readonly Entrant[];
  /** Keys that all spend is to carry. */
  readonly requiredTagKeys: readonly string[];
  /** Its sessions may assume other roles. */
  readonly canChain: boolean;
}

/**
 * Tries as each entrant what an attacker would try: somebody else's name, foreign tags, the same key in other letters,
 * no tags. What the evaluator allows is a finding. One finding of a kind is enough.
 */
export function roleFindings(view: RoleView): Finding[] {
  const callers = view.entrants.filter(({ candidate }) => candidate.choosesTags).slice(0, TAG_TRIALS_MAX);
  return [
    nameFinding(view),
    ...[tagKeyFinding, tagValueFinding, tagCaseFinding, sourceIdentityFinding, externalIdFinding].map((find) =>
      firstOf(callers, (entrant) => find(view, entrant)),
    ),
    brokerFinding(view),
    tokenTagFinding(view),
    ...missingTagFindings(view),
    transitiveFinding(view),
  ].filter((finding) => finding !== undefined);
}

/** Names: two who can have one name are one in the bill. */
function nameFinding(view: RoleView): Finding | undefined {
  const { reading, entrants } = view;
  const choosers = entrants.filter(({ candidate }) => candidate.choosesName);
  if (choosers.length < 2) return undefined;
  let shared: [Entrant, Entrant] | undefined;
  for (const [index, entrant] of choosers.entries()) {
    const victim = choosers[(index + 1) % choosers.length]!;
    const own = entrant.session.sessionName;
    const { sessionName } = victim.session;
    const isTaken = sessionName !== own && canBeNamed(reading, entrant, sessionName);
    if (isTaken) return chosenName(view, entrant, victim, sessionName);
    if (sessionName !== own) continue;
    const other = otherPlan(reading, entrant, OTHER_CHOICE).sessionName;
    if (other !== own && canBeNamed(reading, entrant, other) && canBeNamed(reading, victim, other)) {
      return chosenName(view, entrant, victim, other);
    }
    shared ??= [entrant, victim];
  }
  return shared && !areToldApart(reading, shared) ? sharedIdentity(view, shared) : undefined;
}

/** By a source identity, or, for people of a provider, by a tag that has to be there. */
function areToldApart(reading: TrustReading, [{ candidate, session }]: readonly [Entrant, Entrant]): boolean {
  const { sourceIdentity: _, ...anonymous } = session;
  if (session.sourceIdentity !== undefined && !isAllowed(reading, candidate, anonymous)) return true;
  return candidate.kind === 'token' && session.tags.size > 0 && !isAllowed(reading, candidate, withoutTags(session));
}

function chosenName(view: RoleView, thief: Entrant, victim: Entrant, name: string): Finding {
  const isToken = thief.candidate.kind === 'token';
  const isSigned = isToken && areToldApart(view.reading, [thief, victim]);
  const risk = `${thief.candidate.label} can call its session \`${name}\`, and so can ${victim.candidate.label}: one can spend in the other's name`;
  return finding(view, thief, 'session-name-chosen', isSigned ? 'medium' : 'high', risk);
}

function sharedIdentity(view: RoleView, [one, other]: readonly [Entrant, Entrant]): Finding {
  const name = one.session.sessionName;
  const risk = `${one.candidate.label}, ${other.candidate.label}${andMore(view.entrants.length - 2)} all are \`${name}\` in the bill`;
  return finding(view, one, 'identity-shared', 'medium', risk);
}

function andMore(count: number): string {
  return count > 0 ? ` and ${count} more` : '';
}

/** A key that no statement speaks of. */
function tagKeyFinding(view: RoleView, entrant: Entrant): Finding | undefined {
  const tried = withTag(entrant.session, MADE_UP, MADE_UP);
  if (!isAllowed(view.reading, entrant.candidate, tried)) return undefined;
  const risk = `${entrant.candidate.label} can put any tag on its session, such as another team's cost centre`;
  return finding(view, entrant, 'tag-key-chosen', 'high', risk, tried);
}

function tagValueFinding(view: RoleView, entrant: Entrant): Finding | undefined {
  const { reading, entrants } = view;
  const { candidate, session } = entrant;
  if (isTrustedBroker(view, entrant)) return undefined;
  const other = otherPlan(reading, entrant, OTHER_CHOICE).tags;
  for (const key of session.tags.keys()) {
    // What a list of values allows one application to choose was meant; several callers are told apart by it.
    const foreign = [MADE_UP, ...(entrants.length > 1 ? [other.get(key)] : [])];
    for (const value of foreign) {
      if (value === undefined || value === session.tags.get(key)) continue;
      const tried = withTag(session, key, value);
      if (!isAllowed(reading, candidate, tried)) continue;
      const risk = `${candidate.label} can choose the value of the tag \`${key}\`, such as \`${value}\`, and so whom its cost goes to`;
      return finding(view, entrant, 'tag-value-chosen', 'high', risk, tried);
    }
  }
  return undefined;
}

/** A role that has to name the person behind each session is trusted to set that person's tags. */
function isTrustedBroker({ reading, entrants }: RoleView, { candidate, session }: Entrant): boolean {
  const { sourceIdentity, ...anonymous } = session;
  const isAlone = entrants.length === 1 && candidate.kind === 'role';
  return isAlone && sourceIdentity !== undefined && !isAllowed(reading, candidate, anonymous);
}

function tagCaseFinding(view: RoleView, entrant: Entrant): Finding | undefined {
  const { candidate, session } = entrant;
  if (tagKeyFinding(view, entrant)) return undefined;
  for (const [key, value] of session.tags) {
    const variant = otherCase(key);
    if (variant === key) continue;
    const tags = new Map([...session.tags].map(([own, text]) => [own === key ? variant : own, text]));
    const transitiveTagKeys = session.transitiveTagKeys.map((own) => (own === key ? variant : own));
    const tried = { ...session, tags, transitiveTagKeys };
    if (!isAllowed(view.reading, candidate, tried)) continue;
    const risk = `${candidate.label} can pass \`${variant}\`=\`${value}\` in place of \`${key}\`: reports by \`${key}\` then miss its cost`;
    return finding(view, entrant, 'tag-key-case', 'medium', risk, tried);
  }
  return undefined;
}

function otherCase(key: string): string {
  return key === key.toUpperCase() ? key.toLowerCase() : key.toUpperCase();
}

function sourceIdentityFinding(view: RoleView, entrant: Entrant): Finding | undefined {
  if (view.entrants.length < 2) return undefined;
  const tried = { ...entrant.session, sourceIdentity: MADE_UP };
  const isFree = [tried, { ...tried, sessionName: MADE_UP }].some((one) =>
    isAllowed(view.reading, entrant.candidate, one),
  );
  if (!isFree) return undefined;
  const risk = `${entrant.candidate.label} can set any source identity, and so speak for somebody else`;
  return finding(view, entrant, 'source-identity-chosen', 'medium', risk, tried);
}

function externalIdFinding(view: RoleView, entrant: Entrant): Finding | undefined {
  const { candidate, session } = entrant;
  const { externalId: _, ...without } = session;
  if (!candidate.isForeign || !isAllowed(view.reading, candidate, without)) return undefined;
  const risk = `${candidate.label} is of an account of which nothing is known here, and could be made to act for somebody else of its customers`;
  return finding(view, entrant, 'external-id-missing', 'medium', risk);
}

/** One IAM user that may name others: whoever has its key can spend in anybody's name. */
function brokerFinding(view: RoleView): Finding | undefined {
  const [entrant, ...others] = view.entrants;
  if (!entrant || others.length > 0 || entrant.candidate.kind !== 'user') return undefined;
  const { reading } = view;
  const tried = { ...entrant.session, sourceIdentity: MADE_UP };
  const isFree = [tried, { ...tried, sessionName: MADE_UP }].some((one) => isAllowed(reading, entrant.candidate, one));
  if (!isFree) return undefined;
  const risk = `${entrant.candidate.label} names whom each session is for, and its long-term key is all that takes`;
  return finding(view, entrant, 'broker-with-keys', 'medium', risk, tried);
}

/** A token's tags are signed, but which of a person's attributes become tags should not be left to its provider. */
function tokenTagFinding(view: RoleView): Finding | undefined {
  return firstOf(view.entrants, (entrant) => {
    if (entrant.candidate.kind !== 'token') return undefined;
    const tried = withTag(entrant.session, MADE_UP, MADE_UP);
    if (!isAllowed(view.reading, entrant.candidate, tried)) return undefined;
    const risk = 'every tag that the provider puts into a token is taken, also one that people may set for themselves';
    return finding(view, entrant, 'tag-key-chosen', 'low', risk, tried);
  });
}

function missingTagFindings(view: RoleView): (Finding | undefined)[] {
  const { reading } = view;
  const own = new Set([...reading.role.tags.keys()].map((key) => key.toLowerCase()));
  return view.requiredTagKeys
    .filter((key) => !own.has(key.toLowerCase()))
    .map((key) =>
      firstOf(view.entrants, (entrant) => {
        const untagged = [entrant.bareSession, entrant.session].map((session) => withoutTag(session, key));
        if (!untagged.some((session) => isAllowed(reading, entrant.candidate, session))) return undefined;
        const risk = `${entrant.candidate.label} gets a session without the tag \`${key}\`: its cost is nobody's`;
        const found = finding({ ...view, requiredTagKeys: [key] }, entrant, 'tag-missing', 'medium', risk);
        return entrant.candidate.isTagless ? { ...found, fix: tagRole(reading.role.name, key) } : found;
      }),
    );
}

function tagRole(roleName: string, key: string): string {
  return `tag the role, because these tokens carry no tags: \`aws iam tag-role --role-name ${roleName} --tags Key=${key},Value=VALUE\``;
}

function transitiveFinding(view: RoleView): Finding | undefined {
  if (!view.canChain) return undefined;
  return firstOf(view.entrants.slice(0, TAG_TRIALS_MAX), (entrant) => {
    const { tags } = entrant.session;
    const tried = { ...entrant.session, transitiveTagKeys: [] };
    if (tags.size === 0 || !isAllowed(view.reading, entrant.candidate, tried)) return undefined;
    const risk = `a session may go on to another role, where the tag \`${[...tags.keys()][0]}\` is gone`;
    return finding(view, entrant, 'tags-not-transitive', 'low', risk, tried);
  });
}

function withTag(session: AskedSession, key: string, value: string): AskedSession {
  return { ...session, tags: new Map([...session.tags, [key, value]]) };
}

function withoutTag(session: AskedSession, key: string): AskedSession {
  const isOther = (own: string) => own.toLowerCase() !== key.toLowerCase();
  return {
    ...session,
    tags: new Map([...session.tags].filter(([own]) => isOther(own))),
    transitiveTagKeys: session.transitiveTagKeys.filter(isOther),
  };
}

function withoutTags(session: AskedSession): AskedSession {
  return { ...session, tags: new Map(), transitiveTagKeys: [] };
}

function firstOf<One>(list: readonly One[], find: (one: One) => Finding | undefined): Finding | undefined {
  for (const one of list) {
    const found = find(one);
    if (found) return found;
  }
  return undefined;
}

/** `tried` is the request that gave it away, when that is about tags or the source identity. */
function finding(
  view: RoleView,
  entrant: Entrant,
  kind: FindingKind,
  severity: Severity,
  risk: string,
  tried: AskedSession = entrant.session,
): Finding {
  const { reading } = view;
  const { candidate } = entrant;
  const action =
    kind.startsWith('tag-') && kind !== 'tag-missing' && tried.tags.size > 0 ? 'sts:TagSession' : candidate.action;
  const statementId = allowingStatement(reading, candidate, tried, action);
  return {
    kind,
    severity,
    subjectArn: reading.roleArn,
    ...(statementId !== undefined && { statementId }),
    risk,
    fix: `put a trust policy in place that rules it out: \`${presetCommand(view, entrant, kind)} > trust.json\`, then \`aws iam update-assume-role-policy --role-name ${reading.role.name} --policy-document file://trust.json\``,
  };
}

/** The preset for whom the role lets in; what only its owner knows is left as a word in capitals. */
function presetCommand(view: RoleView, { candidate, session }: Entrant, kind: FindingKind): string {
  const { role } = view.reading;
  const keys = [...new Set([...view.requiredTagKeys, ...session.tags.keys()])]
    .map((key) => ` --require-tag ${key}`)
    .join('');
  const tags = `${keys}${kind === 'tags-not-transitive' ? ' --transitive' : ''}`;
  if (candidate.kind === 'token' && candidate.provider?.includes('token.actions.githubusercontent.com')) {
    return `tallyline trust-policy github-actions --account ${role.accountId} --subject repo:OWNER/NAME:ref:refs/heads/main`;
  }
  if (candidate.kind === 'token') {
    const isSaml = candidate.action === 'sts:AssumeRoleWithSAML';
    return `tallyline trust-policy ${isSaml ? `saml --provider ${candidate.provider}` : `oidc --provider ${candidate.provider} --audience CLIENT_ID`}${tags}`;
  }
  const others = view.entrants.filter((one) => one.candidate.kind === candidate.kind);
  if (kind === 'broker-with-keys' || session.sourceIdentity !== undefined) {
    return `tallyline trust-policy gateway --principal GATEWAY_ROLE_ARN${tags || ' --require-tag KEY'}`;
  }
  if (candidate.kind === 'user' && others.length > 1) {
    return `tallyline trust-policy user --account ${parseArn(candidate.label)?.accountId ?? role.accountId}${tags}`;
  }
  const externalId = kind === 'external-id-missing' ? ' --external-id ID' : '';
  return `tallyline trust-policy application --principal ${candidate.label} --session-name ${role.name}${externalId}${tags}`;
}
