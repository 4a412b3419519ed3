import { roleArn, userArn } from '../../kernel/arn.ts';
import { type Group, groupArn } from '../group.ts';
import { defaultDocument, type ManagedPolicy } from '../managed-policy.ts';
import type { PolicyHolder } from '../policy-holder.ts';
import type { PolicySet, PolicySource } from '../policy-set.ts';
import type { Caller } from '../principal.ts';
import type { Role } from '../role.ts';
import type { User } from '../user.ts';

/** The part of the directory that is read here. */
export interface PolicyLookup {
  userById(id: string): User | undefined;
  roleById(id: string): Role | undefined;
  groupById(id: string): Group | undefined;
  policy(arn: string): ManagedPolicy | undefined;
  serviceControlOf(accountId: string): PolicySet['serviceControl'];
}

/** Stands in for a boundary whose policy is gone: nothing is allowed until it is set anew. */
const NOTHING_ALLOWED = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Deny', Action: '*', Resource: '*' }],
});

/** Root needs no policy to be allowed everything in its account; so that nobody has to know, it has one. */
const ROOT: PolicySource = {
  id: 'root',
  text: JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }),
};

/** The policies in force for a caller, read now. A principal that is gone has none. */
export function effectivePolicies(caller: Caller, lookup: PolicyLookup): PolicySet {
  const session = sessionPolicies(caller, lookup);
  const serviceControl = lookup.serviceControlOf(caller.accountId);
  const identity: PolicySource[] = [];
  let boundaryArn: string | undefined;
  if (caller.kind === 'assumed-role') {
    const role = lookup.roleById(caller.principalId);
    if (role) identity.push(...policiesOf(role, roleArn(role.accountId, role.path, role.name), lookup));
    boundaryArn = role?.boundaryArn;
  } else {
    const user = lookup.userById(caller.principalId);
    if (caller.principalId === caller.accountId) identity.push(ROOT);
    if (user) identity.push(...policiesOf(user, userArn(user.accountId, user.path, user.name), lookup));
    for (const id of user?.groupIds ?? []) {
      const group = lookup.groupById(id);
      if (group) identity.push(...policiesOf(group, groupArn(group), lookup));
    }
    boundaryArn = user?.boundaryArn;
  }
  return {
    identity,
    ...(boundaryArn && { boundary: managed(boundaryArn, lookup) ?? { id: boundaryArn, text: NOTHING_ALLOWED } }),
    ...(session && { session }),
    ...(serviceControl && { serviceControl }),
  };
}

function policiesOf(holder: PolicyHolder, ownerArn: string, lookup: PolicyLookup): PolicySource[] {
  return [
    ...holder.inlinePolicies.map(({ name, document }) => ({ id: `${ownerArn}/${name}`, text: document })),
    ...holder.attachedPolicyArns.flatMap((arn) => managed(arn, lookup) ?? []),
  ];
}

function managed(arn: string, lookup: PolicyLookup): PolicySource | undefined {
  const policy = lookup.policy(arn);
  return policy && { id: arn, text: defaultDocument(policy) };
}

/** Absent: the session is not limited. A federated user may do nothing that no session policy allows. */
function sessionPolicies(caller: Caller, lookup: PolicyLookup): PolicySource[] | undefined {
  const { policy, policyArns } = caller.session ?? {};
  if (policy === undefined && !policyArns?.length) return caller.kind === 'federated-user' ? [] : undefined;
  const passed = (policyArns ?? []).flatMap((arn) => managed(arn, lookup) ?? []);
  return policy === undefined ? passed : [{ id: 'session policy', text: policy }, ...passed];
}
