/**
 * One call in CloudTrail's record format, version 1.11 (CloudTrail User Guide, "record contents"). Member names are
 * CloudTrail's; what is absent there when it does not apply is absent here.
 */
export interface AuditRecord {
  readonly eventVersion: '1.11';
  readonly userIdentity: UserIdentity;
  /** When the call was answered, UTC, to the second: `2026-11-24T19:00:00Z`. */
  readonly eventTime: string;
  /** `iam.amazonaws.com`; `tallyline` for our own operations. */
  readonly eventSource: string;
  /** Name of the operation: `CreateUser`. */
  readonly eventName: string;
  readonly awsRegion: string;
  readonly sourceIPAddress: string;
  readonly userAgent: string;
  readonly errorCode?: string;
  readonly errorMessage?: string;
  /** Null when the input was never read: the caller was not known, or the request could not be parsed. */
  readonly requestParameters: AuditValues | null;
  /** What a change answered; null for calls that only read, and for refused ones. */
  readonly responseElements: AuditValues | null;
  readonly additionalEventData?: AuditValues;
  readonly requestID: string;
  readonly eventID: string;
  readonly readOnly: boolean;
  /** The role that a session is for. */
  readonly resources?: readonly AuditedResource[];
  readonly eventType: 'AwsApiCall';
  readonly managementEvent: true;
  readonly recipientAccountId: string;
  readonly eventCategory: 'Management';
  /** Under TLS only. */
  readonly tlsDetails?: TlsDetails;
}

/** JSON values, redacted and bounded by `auditValues`. */
export type AuditValues = Readonly<Record<string, unknown>>;

export interface AuditedResource {
  readonly accountId: string;
  readonly type: string;
  readonly ARN: string;
}

export interface TlsDetails {
  readonly tlsVersion?: string;
  readonly cipherSuite?: string;
  readonly clientProvidedHostHeader?: string;
}

/** Who called; which members there are depends on `type`. */
export interface UserIdentity {
  readonly type: 'IAMUser' | 'AssumedRole' | 'FederatedUser' | 'Root' | 'WebIdentityUser' | 'SAMLUser' | 'Unknown';
  /** Absent when nothing is known. */
  readonly principalId?: string;
  readonly arn?: string;
  readonly accountId?: string;
  readonly accessKeyId?: string;
  readonly userName?: string;
  /** Web identity and SAML only: the provider that vouched for the caller. */
  readonly identityProvider?: string;
  readonly sessionContext?: SessionContext;
  /** Calls that a service made with a role: the service. */
  readonly invokedBy?: string;
}

/** How temporary credentials came to be. */
export interface SessionContext {
  readonly sessionIssuer?: {
    readonly type: 'Role' | 'IAMUser' | 'Root';
    readonly principalId: string;
    readonly arn: string;
    readonly accountId: string;
    /** Absent for root. */
    readonly userName?: string;
  };
  /** Sessions of AssumeRoleWithWebIdentity only. */
  readonly webIdFederationData?: { readonly federatedProvider: string; readonly attributes: AuditValues };
  /** Text, as CloudTrail has it. */
  readonly attributes: { readonly creationDate: string; readonly mfaAuthenticated: 'false' };
  readonly sourceIdentity?: string;
}
