import { type CandidateView, callerCandidates } from './candidates.ts';
import { admit, allowingStatement, canBeNamed, type Entrant, isAllowed, otherPlan } from './entrant.ts';
import type { Finding } from './finding.ts';
import { OTHER_CHOICE } from './session-plan.ts';
import { tokenEntrants } from './token-findings.ts';
import { tokenSources } from './token-sources.ts';
import { readTrust, type TrustReading } from './trust-reading.ts';

/** Tried before it is taken that no two get in. */
const CANDIDATES_MAX = 1_000;

/**
 * A role may let in one other role alone and still be one for many: for all who get into that other role. What such a
 * session is called, its bearer decides, unless a source identity that was set on the way says who it is.
 */
export function chainFinding(
  reading: TrustReading,
  entrants: readonly Entrant[],
  view: CandidateView,
): Finding | undefined {
  for (const entrant of entrants) {
    const { candidate, session } = entrant;
    const role =
      candidate.kind === 'role' && candidate.roleId !== undefined && view.directory.roleById(candidate.roleId);
    if (!role || role.id === reading.role.id) continue;
    const door = readTrust(role);
    const people = door ? severalEntrants(door, view) : [];
    if (people.length < 2 || isNamedOnTheWay(door!, people, reading, entrant)) continue;
    const [one, other] = people.map((person) => person.candidate.label);
    const another = otherPlan(reading, entrant, OTHER_CHOICE).sessionName;
    const isFree = another !== session.sessionName && canBeNamed(reading, entrant, another);
    const statementId = allowingStatement(reading, candidate, session, candidate.action);
    return {
      kind: isFree ? 'session-name-chosen' : 'identity-shared',
      severity: 'medium',
      subjectArn: reading.roleArn,
      ...(statementId !== undefined && { statementId }),
      risk: `through ${candidate.label} come ${one}, ${other} and whoever else may assume it, ${isFree ? 'each under any name it likes' : `all as \`${session.sessionName}\``}`,
      fix: `let one program alone assume ${role.name}, or have people open sessions of ${reading.role.name} themselves: \`tallyline trust-policy user --account ${role.accountId}\``,
    };
  }
  return undefined;
}

/** At most two. */
function severalEntrants(door: TrustReading, view: CandidateView): Entrant[] {
  const found: Entrant[] = [];
  let tried = 0;
  for (const candidate of callerCandidates(door, view)) {
    const entrant = admit(door, candidate);
    if (entrant) found.push(entrant);
    if (found.length === 2 || ++tried === CANDIDATES_MAX) break;
  }
  for (const source of tokenSources(door)) {
    if (found.length < 2) found.push(...tokenEntrants(door, source, view.facts));
  }
  return found.slice(0, 2);
}

/** Every session of the first role has a source identity, which is fixed from then on, and the second asks for it. */
function isNamedOnTheWay(
  door: TrustReading,
  people: readonly Entrant[],
  reading: TrustReading,
  entrant: Entrant,
): boolean {
  const isAsked = (where: TrustReading, { candidate, session: { sourceIdentity, ...anonymous } }: Entrant) =>
    sourceIdentity !== undefined && !isAllowed(where, candidate, anonymous);
  return people.every((person) => isAsked(door, person)) && isAsked(reading, entrant);
}
