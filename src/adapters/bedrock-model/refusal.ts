import type { Json, JsonObject } from '../../inference/model-call.ts';
import { Fault, type FaultCode } from '../../kernel/fault.ts';
import { jsonObjectOf, type Reply } from '../model-connection/reply.ts';

/** What Bedrock says of the call: the caller gets it as if it had asked AWS. */
const THE_CALLS = new Set<string>([
  ...(['ValidationException', 'ResourceNotFoundException', 'ServiceQuotaExceededException'] as const),
  ...(['ThrottlingException', 'ServiceUnavailableException', 'InternalServerException'] as const),
  ...(['ModelErrorException', 'ModelNotReadyException', 'ModelStreamErrorException', 'ModelTimeoutException'] as const),
] satisfies readonly FaultCode[]);

/** What AWS says of our credentials, which the caller has nothing to do with. */
const OF_CREDENTIALS = new Set([
  ...['ExpiredTokenException', 'ExpiredToken', 'UnrecognizedClientException', 'InvalidClientTokenId'],
  ...['InvalidSignatureException', 'SignatureDoesNotMatch', 'IncompleteSignatureException'],
  ...['MissingAuthenticationTokenException', 'RequestExpired'],
]);

/** Longest part of AWS's own words that is passed on. */
const MESSAGE_CHARACTERS_MAX = 2_000;

/** Why Bedrock did not answer, read from its error reply. */
export interface Refusal {
  /** `permission` and `credentials` are between the gateway and AWS. */
  readonly concerns: 'call' | 'permission' | 'credentials';
  /** AWS's words, for the operator. */
  readonly detail: string;
  /** For the caller. */
  readonly fault: Fault;
}

export function readRefusal({ status, headers, body }: Reply): Refusal {
  const members = jsonObjectOf(body) ?? {};
  const code = codeOf(headers['x-amzn-errortype'] ?? members.__type ?? members.code);
  const message = textOf(members.message ?? members.Message);
  const detail = `${code || status}: ${message}`;
  if (OF_CREDENTIALS.has(code)) {
    const words =
      'Amazon Bedrock does not accept the credentials of this gateway. Its operator finds the reason in the log.';
    return { concerns: 'credentials', detail, fault: new Fault('ServiceUnavailableException', words) };
  }
  if (status === 401 || status === 403) {
    const words =
      "This gateway's role at AWS lacks a permission or the access to the model. Its operator finds which in the log.";
    const fault = new Fault('ModelErrorException', words, { originalStatusCode: status });
    return { concerns: 'permission', detail, fault };
  }
  return { concerns: 'call', detail, fault: callFault(status, code, message, members) };
}

/** The fault that a stream or an answer names. A name that is not in the model becomes the one of its status. */
export function callFault(status: number, code: string, message: string, members: JsonObject): Fault {
  const { originalStatusCode, originalMessage, resourceName } = members;
  const fields = {
    ...(typeof originalStatusCode === 'number' && { originalStatusCode }),
    ...(typeof originalMessage === 'string' && { originalMessage }),
    ...(typeof resourceName === 'string' && { resourceName }),
  };
  if (THE_CALLS.has(code)) return new Fault(code as FaultCode, message, fields);
  if (status === 429) return new Fault('ThrottlingException', message);
  if (status === 503) return new Fault('ServiceUnavailableException', message);
  if (status >= 500) return new Fault('InternalServerException', message);
  if (status === 400) return new Fault('ValidationException', message);
  return new Fault('ModelErrorException', message, { originalStatusCode: status });
}

/** `ValidationException:http://internal.amazon.com/...` and `com.amazon.coral#ValidationException`. */
function codeOf(type: Json | string[] | undefined): string {
  const text = String(Array.isArray(type) ? type[0] : (type ?? ''));
  return text.replace(/:.*$/s, '').replace(/^.*#/s, '');
}

function textOf(message: Json | undefined): string {
  return typeof message === 'string' && message !== ''
    ? message.slice(0, MESSAGE_CHARACTERS_MAX)
    : 'Bedrock is unable to process your request.';
}
