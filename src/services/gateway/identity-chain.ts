import type { Caller } from '../../identity/principal.ts';

/** One step from what a request presented to the principal that pays. */
export interface ChainLink {
  readonly type:
    | 'access-key'
    | 'bedrock-api-key'
    | 'gateway-key'
    | 'identity-provider'
    | 'subject'
    | 'role'
    | 'user'
    | 'session'
    | 'principal';
  readonly id: string;
  readonly name?: string;
}

/** How the caller came to be who it is: credential or provider, user or role, session, principal. */
export function identityChain(caller: Caller): ChainLink[] {
  const { session, sessionName, principalArn, arn, kind } = caller;
  return [
    ...credentialLinks(caller),
    ...(kind === 'assumed-role' ? [{ type: 'role' as const, id: principalArn }] : []),
    ...(kind === 'user' ? [{ type: 'user' as const, id: principalArn }] : []),
    ...(session && sessionName !== undefined ? [{ type: 'session' as const, id: sessionName }] : []),
    { type: 'principal', id: arn },
  ];
}

function credentialLinks({ accessKeyId, gatewayKey, bearerTokenType, session }: Caller): ChainLink[] {
  const provider = session?.federatedProvider;
  const subject = session?.federatedContext?.find(([key]) => key.endsWith(':sub'))?.[1][0];
  const federated: ChainLink[] = [
    ...(provider === undefined ? [] : [{ type: 'identity-provider' as const, id: provider }]),
    ...(subject === undefined ? [] : [{ type: 'subject' as const, id: subject }]),
  ];
  if (gatewayKey) return [{ type: 'gateway-key', id: gatewayKey.id, name: gatewayKey.name }];
  if (bearerTokenType) return [...federated, { type: 'bedrock-api-key', id: accessKeyId }];
  // A token that was presented as it is has no key.
  return accessKeyId.startsWith('TLYT') ? federated : [...federated, { type: 'access-key', id: accessKeyId }];
}
