/**
 * Expected errors: one catalogue, one class. `wire/` alone turns a Fault into bytes; the command line prints its message.
 * Anything thrown that is not a Fault is a bug and is answered as InternalFailure (AWS wires) without its message.
 */
interface FaultKind {
  /** HTTP status on JSON protocols. A service's model data (`wire/model`) overrides it where it names the error. */
  readonly status: number;
  /** Code on the query protocol (IAM, STS) where it differs from the name. */
  readonly queryCode?: string;
  /** Status on the query protocol where it differs. */
  readonly queryStatus?: number;
}

export const FAULTS = {
  // Authentication and authorization: codes per protocol as listed in AWS's common errors.
  MissingAuthenticationTokenException: { status: 403, queryCode: 'MissingAuthenticationToken' },
  IncompleteSignatureException: { status: 403, queryCode: 'IncompleteSignature', queryStatus: 400 },
  InvalidSignatureException: { status: 403, queryCode: 'SignatureDoesNotMatch' },
  UnrecognizedClientException: { status: 403, queryCode: 'InvalidClientTokenId' },
  /** Session credentials that ran out. */
  ExpiredTokenException: { status: 403, queryCode: 'ExpiredToken' },
  /** A web identity token or SAML assertion that ran out: what STS's model calls ExpiredTokenException. */
  ExpiredIdentityTokenException: { status: 400, queryCode: 'ExpiredTokenException' },
  AccessDeniedException: { status: 403, queryCode: 'AccessDenied' },
  /** The console's. */
  NotSignedInException: { status: 401 },
  // Request form
  UnknownOperationException: { status: 404, queryCode: 'InvalidAction', queryStatus: 400 },
  SerializationException: { status: 400, queryCode: 'MalformedInput' },
  ValidationException: { status: 400, queryCode: 'ValidationError' },
  InvalidParameterValueException: { status: 400, queryCode: 'InvalidParameterValue' },
  RequestEntityTooLargeException: { status: 413, queryCode: 'RequestEntityTooLarge' },
  // IAM and STS (modelled; status and code come from the model data)
  NoSuchEntityException: { status: 404 },
  EntityAlreadyExistsException: { status: 409 },
  DeleteConflictException: { status: 409 },
  ConcurrentModificationException: { status: 409 },
  LimitExceededException: { status: 400 },
  InvalidInputException: { status: 400 },
  MalformedPolicyDocumentException: { status: 400 },
  PackedPolicyTooLargeException: { status: 400 },
  InvalidAuthorizationMessageException: { status: 400, queryCode: 'InvalidAuthorizationMessageException' },
  // Federation (modelled): a token or assertion that cannot be believed, that its provider took back, or that cannot be
  // checked because the provider does not answer.
  InvalidIdentityTokenException: { status: 400 },
  IDPRejectedClaimException: { status: 403 },
  IDPCommunicationErrorException: { status: 400 },
  ServiceNotSupportedException: { status: 404 },
  // Bedrock
  ResourceNotFoundException: { status: 404 },
  TooManyTagsException: { status: 400 },
  ConflictException: { status: 400 },
  ThrottlingException: { status: 429, queryCode: 'Throttling', queryStatus: 400 },
  ModelTimeoutException: { status: 408 },
  ModelErrorException: { status: 424 },
  ModelStreamErrorException: { status: 424 },
  ModelNotReadyException: { status: 429 },
  ServiceQuotaExceededException: { status: 400 },
  ServiceUnavailableException: { status: 503, queryCode: 'ServiceUnavailable' },
  InternalServerException: { status: 500 },
  InternalFailure: { status: 500 },
  // Organizations
  AWSOrganizationsNotInUseException: { status: 400 },
  AccountAlreadyClosedException: { status: 400 },
  AccountNotFoundException: { status: 400 },
  AlreadyInOrganizationException: { status: 400 },
  ChildNotFoundException: { status: 400 },
  ConstraintViolationException: { status: 400 },
  CreateAccountStatusNotFoundException: { status: 400 },
  DestinationParentNotFoundException: { status: 400 },
  DuplicateAccountException: { status: 400 },
  DuplicateOrganizationalUnitException: { status: 400 },
  DuplicatePolicyAttachmentException: { status: 400 },
  DuplicatePolicyException: { status: 400 },
  OrganizationalUnitNotEmptyException: { status: 400 },
  OrganizationalUnitNotFoundException: { status: 400 },
  ParentNotFoundException: { status: 400 },
  PolicyInUseException: { status: 400 },
  PolicyNotAttachedException: { status: 400 },
  PolicyNotFoundException: { status: 400 },
  PolicyTypeAlreadyEnabledException: { status: 400 },
  PolicyTypeNotAvailableForOrganizationException: { status: 400 },
  PolicyTypeNotEnabledException: { status: 400 },
  RootNotFoundException: { status: 400 },
  SourceParentNotFoundException: { status: 400 },
  TargetNotFoundException: { status: 400 },
  // Billing
  BackfillLimitExceededException: { status: 400 },
  BillExpirationException: { status: 400 },
  CreationLimitExceededException: { status: 400 },
  DataUnavailableException: { status: 400 },
  DuplicateRecordException: { status: 400 },
  InvalidNextTokenException: { status: 400 },
  InvalidParameterException: { status: 400 },
  NotFoundException: { status: 404 },
  RequestChangedException: { status: 400 },
  UnresolvableUsageUnitException: { status: 400 },
  ResourceLockedException: { status: 423 },
  UnknownMonitorException: { status: 404 },
  UnknownSubscriptionException: { status: 404 },
  // CloudTrail
  InvalidLookupAttributesException: { status: 400 },
  InvalidMaxResultsException: { status: 400 },
  InvalidTimeRangeException: { status: 400 },
  // Operators: never on an AWS wire; the command line prints the message and exits 1.
  ConfigInvalid: { status: 500 },
  DataFolderInUse: { status: 500 },
  DataFolderUnusable: { status: 500 },
  /** The sums of a comparison of bill and ledger are off: a bug, told before anything is kept. */
  ReconciliationUnbalanced: { status: 500 },
  StoreUnavailable: { status: 503 },
  QueryInvalid: { status: 400 },
  NotFound: { status: 404 },
} as const satisfies Record<string, FaultKind>;

export type FaultCode = keyof typeof FAULTS;

/**
 * What a Fault is about where AWS's code says less. AWS's wires never show it; the doors of other vendors have a status
 * of their own for each.
 */
export type FaultCause =
  /** The model that was named does not exist. */
  | 'unknown_model'
  /** A hard budget is used up. */
  | 'budget';

export class Fault extends Error {
  override readonly name = 'Fault';
  readonly code: FaultCode;
  /** Further members of a modelled error, e.g. `originalStatusCode`; `cause` of type FaultCause; `retryAfterSeconds`. */
  readonly fields: Readonly<Record<string, unknown>>;

  constructor(code: FaultCode, message: string, fields: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.code = code;
    this.fields = fields;
  }

  get kind(): FaultKind {
    return FAULTS[this.code];
  }
}
