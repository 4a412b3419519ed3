import type {
  DecodeAuthorizationMessageRequest,
  DecodeAuthorizationMessageResponse,
  GetAccessKeyInfoRequest,
  GetAccessKeyInfoResponse,
  GetCallerIdentityRequest,
  GetCallerIdentityResponse,
} from '@aws-sdk/client-sts';
import { accountOfAccessKeyId } from '../identity/identifier.ts';
import type { WebIdentityVerifier } from '../identity/web-identity-verifier.ts';
import { Fault } from '../kernel/fault.ts';
import type { FederationTable } from '../paths/federation-handler.ts';
import type { OperationHandler, OperationTable } from '../paths/operation-handler.ts';
import { assumeRole } from './sts/assume-role.ts';
import { assumeRoleWithSaml, type SamlParts } from './sts/assume-role-with-saml.ts';
import { assumeRoleWithWebIdentity } from './sts/assume-role-with-web-identity.ts';
import type { StsParts } from './sts/sts-parts.ts';
import { getFederationToken, getSessionToken } from './sts/user-sessions.ts';

/** AWS Security Token Service: who am I, and temporary credentials. */
export function stsOperations(parts: StsParts): OperationTable {
  return {
    AssumeRole: assumeRole(parts),
    GetCallerIdentity: GET_CALLER_IDENTITY,
    GetSessionToken: getSessionToken(parts),
    GetFederationToken: getFederationToken(parts),
    GetAccessKeyInfo: getAccessKeyInfo(parts),
    DecodeAuthorizationMessage: decodeAuthorizationMessage(parts),
  };
}

/** Who says whether a provider's word is its own. */
export interface FederationParts {
  readonly saml: SamlParts;
  readonly webIdentities: WebIdentityVerifier;
}

/** The operations that take the word of a provider instead of a signature. */
export function stsFederation(parts: StsParts & FederationParts): FederationTable {
  return {
    AssumeRoleWithSAML: assumeRoleWithSaml(parts, parts.saml),
    AssumeRoleWithWebIdentity: assumeRoleWithWebIdentity(parts, parts.webIdentities),
  };
}

const GET_CALLER_IDENTITY: OperationHandler<GetCallerIdentityRequest, GetCallerIdentityResponse> = {
  access: { unchecked: 'AWS answers it even under an explicit deny' },
  run: ({ caller }) => ({ Arn: caller.arn, UserId: caller.userId, Account: caller.accountId }),
};

function getAccessKeyInfo({
  directory,
}: StsParts): OperationHandler<GetAccessKeyInfoRequest, GetAccessKeyInfoResponse> {
  return {
    access: () => [{ action: 'sts:GetAccessKeyInfo', resource: '*' }],
    run: ({ input }) => {
      const id = input.AccessKeyId!;
      const account = accountOfAccessKeyId(id) ?? directory.accessKey(id)?.accountId;
      if (account === undefined) throw new Fault('ValidationException', `${id} is invalid`);
      return { Account: account };
    },
  };
}

/** Opens the message of a denied request, for callers of the account that it is about. */
function decodeAuthorizationMessage({
  authorizationMessages,
}: StsParts): OperationHandler<DecodeAuthorizationMessageRequest, DecodeAuthorizationMessageResponse> {
  return {
    access: () => [{ action: 'sts:DecodeAuthorizationMessage', resource: '*' }],
    run: ({ caller, input }) => {
      const message = authorizationMessages.decode(input.EncodedMessage!, caller.accountId);
      // AWS's text is unverified.
      if (message === undefined) throw new Fault('InvalidAuthorizationMessageException', 'Message is not valid');
      return { DecodedMessage: message };
    },
  };
}
