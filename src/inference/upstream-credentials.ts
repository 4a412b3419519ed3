import type { CallFacts, ModelCaller } from './model-call.ts';

/** What a call to an upstream that checks SigV4 is signed with. */
export interface CallCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Temporary credentials only. */
  readonly sessionToken?: string;
  /** Absent: they do not run out. */
  readonly expiresAtMs?: number;
  /** The principal that the upstream's bill names for what is signed with them. Absent: not known. */
  readonly principalArn?: string;
  /** True where that principal is the gateway's and not the caller's own. */
  readonly isGatewayPrincipal: boolean;
}

/** Port: whose credentials a call to an upstream goes out with. */
export interface UpstreamCredentials {
  /**
   * Rejects with ServiceUnavailableException or ThrottlingException when there are none to be had now. A promise only where
   * there is something to wait for.
   */
  for(caller: ModelCaller, call: Pick<CallFacts, 'requestId' | 'region'>): CallCredentials | Promise<CallCredentials>;
  /** The upstream says that these are not valid (any more). True where the next call gets others. */
  refused(credentials: CallCredentials): boolean;
  close(): Promise<void>;
}
