import { FAULTS, Fault } from '../kernel/fault.ts';
import { encodeAnthropicError } from './anthropic-error.ts';
import { BROWSER_HEADERS } from './browser-headers.ts';
import { awsJsonType } from './encode/aws-json-type.ts';
import { errorMembers, INTERNAL_FAILURE_MESSAGE } from './encode/error-members.ts';
import { xmlLeaf, xmlParent } from './encode/xml-value.ts';
import type { WireResponse } from './exchange.ts';
import { type ErrorModel, modelOf } from './model.ts';
import { encodeOpenAiError } from './openai-error.ts';
import type { Dialect, ServiceId } from './operation.ts';
import { encodeScimError } from './scim-error.ts';
import { SERVICES } from './service.ts';

/** Namespace of errors that arise before an operation is found (probed live on STS, 2026-11). */
const DISPATCH_NAMESPACE = 'http://webservices.amazon.com/AWSFault/2005-15-09';

/** An error as it is to be worded. */
interface Wording {
  readonly code: string;
  readonly status: number;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
  /** Absent for errors that the service's model does not name. */
  readonly model?: ErrorModel;
}

/** The services of other vendors, whose errors are worded as theirs. */
const VENDOR_ERRORS: Readonly<Partial<Record<ServiceId, (error: unknown, requestId: string) => WireResponse>>> = {
  openai: encodeOpenAiError,
  anthropic: encodeAnthropicError,
  scim: encodeScimError,
};

/** An error answer in the words of the request's protocol. What is not a Fault is a bug, and its text stays inside. */
export function encodeFault(dialect: Dialect, error: unknown, requestId: string): WireResponse {
  if (dialect.protocol === 'apiJson') return encodeApiError(wordingOf(dialect, error), requestId);
  const encodeVendorError = dialect.service && VENDOR_ERRORS[dialect.service];
  if (encodeVendorError) return encodeVendorError(error, requestId);
  const wording = wordingOf(dialect, error);
  const { code, status, message, fields, model } = wording;
  if (dialect.protocol === 'awsQuery') {
    return {
      status,
      headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId },
      body: queryBody(dialect, wording, requestId),
    };
  }
  const members = errorMembers(model?.shape, message, fields);
  const isAwsJson = dialect.protocol === 'awsJson';
  return {
    status,
    headers: {
      'content-type': isAwsJson ? awsJsonType(dialect) : 'application/json',
      'x-amzn-requestid': requestId,
      'x-amzn-errortype': code,
      ...retryAfter(fields),
    },
    body: JSON.stringify(isAwsJson ? { __type: code, ...members } : members),
  };
}

/**
 * Code and status: the service's model first, then the catalogue. A code that is neither modelled nor AWS's own
 * (these end in `Exception`) is for operators and must not leave.
 */
function wordingOf({ protocol, service }: Dialect, error: unknown): Wording {
  if (!(error instanceof Fault)) return INTERNAL_FAILURE;
  const { code, kind, message, fields } = error;
  // STS models ExpiredTokenException for an expired web identity token; expired session credentials are another error.
  const model = service && code !== 'ExpiredTokenException' ? modelOf(service).error(code) : undefined;
  if (!model && !code.endsWith('Exception')) return INTERNAL_FAILURE;
  const base = { message, fields, ...(model && { model }) };
  switch (protocol) {
    case 'awsQuery':
      return {
        ...base,
        code: model?.queryCode ?? kind.queryCode ?? code.replace(/Exception$/, ''),
        status: model?.status ?? kind.queryStatus ?? kind.status,
      };
    case 'awsJson':
      return { ...base, code, status: model?.status ?? awsJsonStatus(kind.status) };
    case 'restJson':
    case 'apiJson':
      return { ...base, code, status: model?.status ?? kind.status };
  }
}

/** Code and message are always there, under the same names whatever the service calls them. */
function encodeApiError({ code, status, message, fields, model }: Wording, requestId: string): WireResponse {
  const members = { ...errorMembers(model?.shape, '', fields), code, message: message === '' ? code : message };
  const headers = { 'content-type': 'application/json', ...BROWSER_HEADERS, 'x-amzn-requestid': requestId };
  return { status, headers: { ...headers, ...retryAfter(fields) }, body: JSON.stringify(members) };
}

const INTERNAL_FAILURE: Wording = {
  code: 'InternalFailure',
  status: FAULTS.InternalFailure.status,
  message: INTERNAL_FAILURE_MESSAGE,
  fields: {},
};

/**
 * AWS's JSON services answer every client error that they do not model with 400, also those of authentication (recorded
 * from DynamoDB and KMS, 2026-11); only a body that is too large has its own status.
 */
function awsJsonStatus(status: number): number {
  return status < 500 && status !== FAULTS.RequestEntityTooLargeException.status ? 400 : status;
}

/** AWS's own SDKs heed it. */
function retryAfter({ retryAfterSeconds: seconds }: Wording['fields']): WireResponse['headers'] {
  return typeof seconds === 'number' ? { 'retry-after': String(Math.max(1, Math.ceil(seconds))) } : {};
}

/** `Message` is missing where there is nothing to say, as on STS. */
function queryBody(dialect: Dialect, { code, status, message }: Wording, requestId: string): string {
  const isDispatch = !dialect.service || code === FAULTS.UnknownOperationException.queryCode;
  const namespace = isDispatch ? DISPATCH_NAMESPACE : SERVICES[dialect.service!].xmlNamespace;
  const error =
    xmlLeaf('Type', status < 500 ? 'Sender' : 'Receiver', '    ') +
    xmlLeaf('Code', code, '    ') +
    (message === '' ? '' : xmlLeaf('Message', message, '    '));
  const content = xmlParent('Error', error, '  ') + xmlLeaf('RequestId', requestId, '  ');
  return xmlParent('ErrorResponse', content, '', ` xmlns="${namespace}"`);
}
