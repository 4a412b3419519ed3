import type { ServiceControlPolicyConfig } from '../../config.ts';
import { newOrganizationsId } from '../../identity/identifier.ts';
import {
  ATTACHED_POLICIES_MAX,
  FULL_AWS_ACCESS,
  SERVICE_CONTROL_POLICY_LENGTH_MAX,
  type ServiceControlPolicy,
} from '../../identity/service-control-policy.ts';
import { NO_TAGS } from '../../kernel/tags.ts';
import { serviceControlPolicyMistake } from '../../policy/service-control.ts';
import { type OrganizationDraft, refused } from './draft.ts';

/** A policy of the configuration with the id it has, or will have. */
interface Declared {
  readonly id: string;
  readonly replacesFullAccess: boolean;
  readonly targetIds: ReadonlySet<string>;
}

/** Makes and changes the policies, and attaches each to exactly its targets. Policies that are not declared stay. */
export function declarePolicies(draft: OrganizationDraft, policies: readonly ServiceControlPolicyConfig[]): void {
  if (policies.length > 0 && !draft.isServiceControlEnabled) {
    const advice = 'call EnablePolicyType, or leave them out';
    throw refused('policies', `needs service control policies, which are disabled in this organization: ${advice}`);
  }
  const names = new Set<string>();
  const declared = policies.map((policy, index) => {
    const member = `policies.${index}`;
    if (names.has(policy.name)) throw refused(`${member}.name`, `is \`${policy.name}\` once more`);
    names.add(policy.name);
    return declarePolicy(draft, policy, member);
  });
  for (const [targetId, target] of draft.targets()) {
    const wanted = attachedTo(targetId, target.policyIds, declared);
    if (wanted.length > ATTACHED_POLICIES_MAX) {
      throw refused(
        'policies',
        `attaches ${wanted.length} policies to \`${targetId}\`: ${ATTACHED_POLICIES_MAX} at most`,
      );
    }
    const isSame = wanted.length === target.policyIds.length && wanted.every((id) => target.policyIds.includes(id));
    if (!isSame) target.attach(wanted);
  }
}

function declarePolicy(draft: OrganizationDraft, policy: ServiceControlPolicyConfig, member: string): Declared {
  const { name, description, replacesFullAccess } = policy;
  const content = readContent(policy, member);
  const existing = draft.policyNamed(name);
  if (existing === FULL_AWS_ACCESS) throw refused(`${member}.name`, `is \`${name}\`, AWS's own: use another name`);
  const wanted: ServiceControlPolicy = existing
    ? { ...existing, description, content }
    : {
        version: 0,
        id: newOrganizationsId('p-', 10, draft.random),
        name,
        description,
        content,
        createdAtMs: draft.nowMs,
        tags: NO_TAGS,
      };
  if (existing?.content !== content || existing.description !== description) draft.putPolicy(wanted);
  const targetIds = policy.targets.map((target, index) => targetId(draft, target, `${member}.targets.${index}`));
  return { id: wanted.id, replacesFullAccess, targetIds: new Set(targetIds) };
}

function readContent({ content }: ServiceControlPolicyConfig, member: string): string {
  const text = JSON.stringify(content);
  if (text.length > SERVICE_CONTROL_POLICY_LENGTH_MAX) {
    const most = SERVICE_CONTROL_POLICY_LENGTH_MAX;
    throw refused(`${member}.content`, `has ${text.length} characters as JSON: ${most} at most`);
  }
  const mistake = serviceControlPolicyMistake(text);
  if (mistake) throw refused(`${member}.content`, `is no service control policy: ${mistake}`);
  return text;
}

/** Id of the root, of a unit by its path, or of an account by its id or name. */
function targetId(draft: OrganizationDraft, target: string, member: string): string {
  const account = draft.account(target);
  const containerId = draft.containerAt(target);
  const ids = [
    ...(containerId === undefined ? [] : [containerId]),
    ...(account ? [account] : draft.accountsNamed(target)).map(({ id }) => id),
  ];
  if (ids.length === 0) {
    throw refused(member, `is \`${target}\`, which is neither \`root\` nor the path of a unit nor an account`);
  }
  if (ids.length > 1) throw refused(member, `is \`${target}\`, which may be any of ${ids.join(', ')}: use an id`);
  return ids[0]!;
}

/** What a target has then. Where no declared policy is or was attached, everything stays as it is. */
function attachedTo(targetId: string, present: readonly string[], declared: readonly Declared[]): readonly string[] {
  const here = declared.filter(({ targetIds }) => targetIds.has(targetId));
  const isTouched = here.length > 0 || declared.some(({ id }) => present.includes(id));
  if (!isTouched) return present;
  const others = present.filter((id) => id !== FULL_AWS_ACCESS.id && declared.every((policy) => policy.id !== id));
  const isReplaced = here.some(({ replacesFullAccess }) => replacesFullAccess);
  return [...(isReplaced ? [] : [FULL_AWS_ACCESS.id]), ...others, ...here.map(({ id }) => id)];
}
