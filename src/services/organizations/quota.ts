import { UNIT_DEPTH_MAX } from '../../identity/organization.ts';
import { SERVICE_CONTROL_POLICY_LENGTH_MAX } from '../../identity/service-control-policy.ts';
import { Fault } from '../../kernel/fault.ts';

/**
 * Quotas of Organizations (User Guide, "Quotas and service limits", checked 2026-11) by the reason that is given when one
 * is exceeded; accounts are the number that AWS grants on request, because it starts from ten. The size of
 * policies is what it is since 2026-05-15, when it was doubled. Texts are as seen in public reports for policies,
 * unverified for the others.
 */
const QUOTAS = {
  ACCOUNT_NUMBER_LIMIT_EXCEEDED: [10_000, 'You have exceeded the allowed number of AWS accounts.'],
  OU_NUMBER_LIMIT_EXCEEDED: [2_000, 'You have exceeded the allowed number of OUs.'],
  OU_DEPTH_LIMIT_EXCEEDED: [UNIT_DEPTH_MAX, 'You have exceeded the maximum nesting depth for organizational units.'],
  POLICY_NUMBER_LIMIT_EXCEEDED: [10_000, 'You have exceeded the allowed number of policies.'],
  /** Characters, white space included. */
  POLICY_CONTENT_LIMIT_EXCEEDED: [SERVICE_CONTROL_POLICY_LENGTH_MAX, 'You have exceeded the maximum policy size.'],
} as const;

/** Throws ConstraintViolationException when there would be `count`. */
export function requireQuota(reason: keyof typeof QUOTAS, count: number): void {
  const [most, message] = QUOTAS[reason];
  if (count > most) throw new Fault('ConstraintViolationException', message, { Reason: reason });
}
