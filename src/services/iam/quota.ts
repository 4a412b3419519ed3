import { POLICIES_PER_HOLDER } from '../../identity/policy-attachment.ts';
import { Fault } from '../../kernel/fault.ts';

/** IAM's default quotas by the names its errors use (IAM User Guide, "IAM and AWS STS quotas", checked 2026-11). */
export const QUOTAS = {
  AccessKeysPerUser: 2,
  ClientIdsPerOpenIdConnectProvider: 100,
  GroupsPerAccount: 300,
  GroupsPerUser: 10,
  OpenIdConnectProvidersPerAccount: 100,
  PoliciesPerAccount: 1500,
  PoliciesPerGroup: POLICIES_PER_HOLDER,
  PoliciesPerRole: POLICIES_PER_HOLDER,
  PoliciesPerUser: POLICIES_PER_HOLDER,
  RolesPerAccount: 1000,
  /** Of one service; the name in the error is not confirmed. */
  ServiceSpecificCredentialsPerUser: 2,
  /** The names of these two are not known. */
  SAMLProvidersPerAccount: 100,
  TagsPerSAMLProvider: 50,
  TagsPerOpenIDConnectProvider: 50,
  TagsPerPolicy: 50,
  TagsPerRole: 50,
  TagsPerUser: 50,
  UsersPerAccount: 5000,
  /** Characters of a trust policy, without white space. */
  ACLSizePerRole: 2048,
  /** Characters of a managed policy, without white space. */
  PolicySize: 6144,
} as const;

/** Throws LimitExceededException when there would be `count`. */
export function requireQuota(quota: keyof typeof QUOTAS, count: number): void {
  if (count > QUOTAS[quota]) {
    throw new Fault('LimitExceededException', `Cannot exceed quota for ${quota}: ${QUOTAS[quota]}`);
  }
}
