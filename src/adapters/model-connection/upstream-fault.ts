import { isJsonObject } from '../../inference/json-value.ts';
import type { Json } from '../../inference/model-call.ts';
import { Fault } from '../../kernel/fault.ts';
import { jsonObjectOf, type Reply } from './reply.ts';
import { retryAfterMs } from './retry-after.ts';

/** Longest part of an upstream's own words that is passed on. */
const MAX_MESSAGE_CHARS = 1_000;

/** Longest name of a member or error that is passed on. */
const MAX_NAME_CHARS = 200;

const UNAVAILABLE = 'Bedrock is unable to process your request.';
const TIMED_OUT = 'Model has timed out in processing the request. Try your request again.';
const TOO_MANY = 'Too many requests, please wait before trying again.';

/** More requests wait for a connection than is allowed. */
export function tooManyWaiting(): Fault {
  return new Fault('ThrottlingException', TOO_MANY);
}

/** An answer with an HTTP status other than 200. `secret` never shows, even where an upstream echoes it. */
export function statusFault({ status, headers, body }: Reply, secret: string | undefined): Fault {
  const waitMs = retryAfterMs(headers, Date.now());
  const retryAfter = waitMs === undefined ? {} : { retryAfterSeconds: waitMs / 1_000 };
  switch (status) {
    case 400:
    case 413:
    case 422:
      return new Fault(
        'ValidationException',
        `The model returned the following errors: ${messageOf(body, secret)}`,
        vendorNames(body),
      );
    case 408:
    case 504:
      return new Fault('ModelTimeoutException', TIMED_OUT);
    case 429:
      return new Fault('ThrottlingException', TOO_MANY, retryAfter);
    case 503:
    // Anthropic's and others' word for overloaded.
    case 529:
      return new Fault('ServiceUnavailableException', UNAVAILABLE, retryAfter);
    default: {
      // 401 and 403 are between us and the upstream: its words may describe our key, and mean nothing to the caller.
      const isOurs = status === 401 || status === 403;
      const detail = isOurs ? 'the upstream refused our credentials' : messageOf(body, secret);
      return new Fault('ModelErrorException', `The model returned an error (${status}): ${detail}`, {
        originalStatusCode: status,
      });
    }
  }
}

/** Somebody gave up waiting, on the way or at the upstream: the model may have worked all the same. */
export function isTimeout({ status }: Reply): boolean {
  return status === 408 || status === 504;
}

/** The request could not even be made: a bug of ours, not a fault of the upstream. */
export function isMisuse(error: Error): boolean {
  return codeOf(error) === 'UND_ERR_INVALID_ARG';
}

/** No answer, or half of one, for a request that is not streamed. */
export function connectionFault(error: Error, hasStarted: boolean): Fault {
  if (error instanceof Fault) return error;
  switch (codeOf(error)) {
    case 'UND_ERR_HEADERS_TIMEOUT':
    case 'UND_ERR_BODY_TIMEOUT':
      return new Fault('ModelTimeoutException', TIMED_OUT);
    case 'UND_ERR_RES_EXCEEDED_MAX_SIZE':
      return answerFault('the answer is longer than allowed');
  }
  return hasStarted ? answerFault('the answer broke off') : new Fault('ServiceUnavailableException', UNAVAILABLE);
}

/** The upstream answered with success, but with something that is no answer. */
export function answerFault(detail: string, fields: Readonly<Record<string, unknown>> = {}): Fault {
  return new Fault('ModelErrorException', `The model returned an error: ${detail}`, {
    originalStatusCode: 200,
    ...fields,
  });
}

/** A stream that broke off; `usage` is what it had used by then. */
export function streamFault(detail: string, fields: Readonly<Record<string, unknown>> = {}): Fault {
  return new Fault('ModelStreamErrorException', `The model stream broke off: ${detail}`, {
    originalStatusCode: 200,
    originalMessage: detail,
    ...fields,
  });
}

/** Why a connection ended in the middle of a stream. */
export function streamBreakOf(error: Error): string {
  if (error instanceof Fault) return error.message;
  switch (codeOf(error)) {
    case 'UND_ERR_BODY_TIMEOUT':
      return 'the upstream sent nothing for too long';
    case 'UND_ERR_RES_EXCEEDED_MAX_SIZE':
      return 'the answer is longer than allowed';
    default:
      return 'the connection was closed';
  }
}

/** The words of an `error` member: `{"error": {"message"}}` with OpenAI, `{"error": ""}` with Ollama. */
export function errorText(error: Json | undefined, secret: string | undefined): string {
  const text = isJsonObject(error) ? error.message : error;
  return typeof text === 'string' ? shown(text, secret) : 'unknown error';
}

/** What the upstream names: the member that is wrong and its own code, which OpenAI's clients act on. */
function vendorNames(body: Buffer): { readonly param?: string; readonly vendorCode?: string } {
  const error = jsonObjectOf(body)?.error;
  const { param, code } = isJsonObject(error) ? error : {};
  return {
    ...(isName(param) && { param }),
    ...(isName(code) && { vendorCode: code }),
  };
}

function isName(value: Json | undefined): value is string {
  return typeof value === 'string' && value.length <= MAX_NAME_CHARS;
}

function messageOf(body: Buffer, secret: string | undefined): string {
  const told = jsonObjectOf(body);
  if (told) return errorText(told.error ?? told.message ?? told.detail, secret);
  return shown(body.toString('utf8'), secret);
}

function shown(text: string, secret: string | undefined): string {
  const masked = secret ? text.replaceAll(secret, '***') : text;
  return masked.slice(0, MAX_MESSAGE_CHARS).trim() || 'unknown error';
}

function codeOf(error: Error): unknown {
  return (error as { readonly code?: unknown }).code;
}
