import type {
  GetFederationTokenRequest,
  GetFederationTokenResponse,
  GetSessionTokenRequest,
  GetSessionTokenResponse,
} from '@aws-sdk/client-sts';
import { packedPolicySize } from '../../identity/packed-policy-size.ts';
import type { Caller } from '../../identity/principal.ts';
import { Fault } from '../../kernel/fault.ts';
import { NO_TAGS } from '../../kernel/tags.ts';
import type { OperationHandler } from '../../paths/operation-handler.ts';
import { requestTagContext } from '../../policy/context.ts';
import { unknownMfaDevice } from './assume-role.ts';
import { issueSession } from './issue-session.ts';
import { readSessionPolicies } from './session-policies.ts';
import { readSessionTags } from './session-tags.ts';
import type { StsParts } from './sts-parts.ts';

const DEFAULT_DURATION_SECONDS = 43_200;
/** Sessions of root are cut to an hour without an error. */
const ROOT_DURATION_SECONDS = 3600;

/** GetSessionToken: temporary credentials that are the calling user. */
export function getSessionToken(parts: StsParts): OperationHandler<GetSessionTokenRequest, GetSessionTokenResponse> {
  return {
    access: { unchecked: 'AWS asks for no permission: the credentials can do no more than the caller' },
    run: ({ caller, input, nowMs }) => {
      refuseSession('GetSessionToken', caller);
      if (input.SerialNumber !== undefined || input.TokenCode !== undefined) throw unknownMfaDevice();
      const grant = {
        kind: caller.kind,
        accountId: caller.accountId,
        principalId: caller.principalId,
        issuedBy: 'GetSessionToken',
        sessionTags: NO_TAGS,
        transitiveTagKeys: [],
      } as const;
      return { Credentials: issueSession(parts, grant, nowMs, durationOf(caller, input.DurationSeconds)) };
    },
  };
}

/** GetFederationToken: a named session with the calling user's permissions, as far as session policies allow them. */
export function getFederationToken(
  parts: StsParts,
): OperationHandler<GetFederationTokenRequest, GetFederationTokenResponse> {
  return {
    access: ({ caller, input }) => {
      refuseSession('GetFederationToken', caller);
      const resource = federatedUserArn(caller.accountId, input.Name!);
      const tags = readSessionTags(input.Tags);
      const context = requestTagContext(tags);
      const actions = ['sts:GetFederationToken', ...(tags.size > 0 ? ['sts:TagSession'] : [])];
      return actions.map((action) => ({ action, resource, context }));
    },
    run: ({ caller, input, nowMs }) => {
      const { accountId, principalId } = caller;
      const sessionTags = readSessionTags(input.Tags);
      const policies = readSessionPolicies(parts.directory, accountId, input);
      const packedSize = packedPolicySize(policies, sessionTags);
      const grant = {
        kind: 'federated-user',
        accountId,
        principalId,
        sessionName: input.Name!,
        issuedBy: 'GetFederationToken',
        sessionTags,
        transitiveTagKeys: [],
        ...policies,
      } as const;
      return {
        Credentials: issueSession(parts, grant, nowMs, durationOf(caller, input.DurationSeconds)),
        FederatedUser: {
          FederatedUserId: `${accountId}:${input.Name}`,
          Arn: federatedUserArn(accountId, input.Name!),
        },
        PackedPolicySize: packedSize,
      };
    },
  };
}

function federatedUserArn(accountId: string, name: string): string {
  return `arn:aws:sts::${accountId}:federated-user/${name}`;
}

/** Both are for long-term keys of users and root. */
function refuseSession(operation: string, caller: Caller): void {
  if (caller.session) throw new Fault('AccessDeniedException', `Cannot call ${operation} with session credentials`);
}

function durationOf(caller: Caller, requestedSeconds = DEFAULT_DURATION_SECONDS): number {
  return caller.kind === 'root' ? Math.min(requestedSeconds, ROOT_DURATION_SECONDS) : requestedSeconds;
}
