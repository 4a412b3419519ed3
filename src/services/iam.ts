import { Fault } from '../kernel/fault.ts';
import { RecordConflict } from '../kernel/record-store.ts';
import type { OperationCall, OperationHandler, OperationTable } from '../paths/operation-handler.ts';
import { accessKeyOperations } from './iam/access-keys.ts';
import { accountOperations } from './iam/account.ts';
import { accountDetailsOperations } from './iam/account-details.ts';
import { attachedPolicyOperations } from './iam/attached-policies.ts';
import { boundaryOperations } from './iam/boundaries.ts';
import { consoleAccessOperations } from './iam/console-access.ts';
import { credentialReportOperations } from './iam/credential-report.ts';
import { groupOperations } from './iam/groups.ts';
import type { IamParts } from './iam/iam-parts.ts';
import { inlinePolicyOperations } from './iam/inline-policies.ts';
import { managedPolicyOperations } from './iam/managed-policies.ts';
import { oidcProviderOperations } from './iam/oidc-providers.ts';
import { simulationOperations } from './iam/policy-simulation.ts';
import { policyVersionOperations } from './iam/policy-versions.ts';
import { roleOperations } from './iam/roles.ts';
import { samlProviderOperations } from './iam/saml-providers.ts';
import { serviceCredentialOperations } from './iam/service-credentials.ts';
import { taggingOperations } from './iam/tagging.ts';
import { userOperations } from './iam/users.ts';

/** AWS Identity and Access Management: users, roles, groups, their keys, policies and tags. */
export function iamOperations(parts: IamParts): OperationTable {
  const table: OperationTable = {
    ...userOperations(parts),
    ...roleOperations(parts),
    ...groupOperations(parts),
    ...accessKeyOperations(parts),
    ...serviceCredentialOperations(parts),
    ...inlinePolicyOperations(parts),
    ...attachedPolicyOperations(parts),
    ...managedPolicyOperations(parts),
    ...policyVersionOperations(parts),
    ...boundaryOperations(parts),
    ...oidcProviderOperations(parts),
    ...taggingOperations(parts),
    ...accountOperations(parts),
    ...accountDetailsOperations(parts),
    ...consoleAccessOperations(parts),
    ...credentialReportOperations(parts),
    ...simulationOperations(parts),
    ...samlProviderOperations(parts),
  };
  return Object.fromEntries(Object.entries(table).map(([name, handler]) => [name, guarded(handler)]));
}

/** How often an operation that was overtaken by another write is decided anew. */
const ATTEMPTS = 4;

/** Every operation of IAM: closed to some temporary credentials, and repeated when another write came first. */
function guarded(handler: OperationHandler<unknown, unknown>): OperationHandler<unknown, unknown> {
  const { access, run } = handler;
  return {
    access:
      typeof access === 'function'
        ? (call) => {
            refuseUnproven(call);
            return access(call);
          }
        : access,
    run: async (call) => {
      for (let attempt = 1; ; attempt++) {
        try {
          return await run(call);
        } catch (error) {
          if (!(error instanceof RecordConflict)) throw error;
          if (attempt === ATTEMPTS) throw overtaken();
        }
      }
    },
  };
}

/**
 * Sessions of GetSessionToken without MFA and of GetFederationToken cannot call IAM; AWS answers as if the token were
 * not known (IAM User Guide, "Comparing the AWS STS API operations", checked 2026-11).
 */
function refuseUnproven({ caller }: OperationCall<unknown>): void {
  const issuedBy = caller.session?.issuedBy;
  if (issuedBy === 'GetSessionToken' || issuedBy === 'GetFederationToken') {
    throw new Fault('UnrecognizedClientException', 'The security token included in the request is invalid.');
  }
}

function overtaken(): Fault {
  return new Fault(
    'ConcurrentModificationException',
    'The request was rejected because multiple requests to change this object were submitted simultaneously. Wait a few minutes and submit your request again.',
  );
}
