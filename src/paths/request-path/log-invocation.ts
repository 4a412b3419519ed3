import type { InvocationLog } from '../../invocations/invocation-log.ts';
import type { WireRequest, WireResponse } from '../../wire/exchange.ts';

export interface LogInvocationParts {
  readonly invocationLog: InvocationLog;
}

/** Of one answer; the rest of a longer one is not logged. */
const OUTPUT_BYTES_MAX = 26_000_000;

/** Hands what is sent to the log as well, an error too, where the log wants it. */
export function logInvocation(
  call: {
    readonly requestId: string;
    readonly request: WireRequest;
    readonly accountId: string;
    readonly region: string;
  },
  response: WireResponse,
  { invocationLog }: LogInvocationParts,
): WireResponse {
  const { requestId, accountId, request } = call;
  if (!invocationLog.wants(call)) return response;
  const input = { contentType: request.headers['content-type'] ?? 'application/json', bytes: request.body };
  const contentType = response.headers['content-type'] ?? '';
  const seen = (bytes: Buffer, isWhole = false) =>
    invocationLog.seen({ requestId, accountId, input, output: { contentType, bytes }, isWhole });
  const { body } = response;
  if (typeof body === 'string' || Buffer.isBuffer(body)) {
    seen(Buffer.from(body), true);
    return response;
  }
  return { ...response, body: watched(body, seen) };
}

async function* watched(body: AsyncIterable<Uint8Array>, seen: (bytes: Buffer) => void): AsyncGenerator<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body) {
      bytes += chunk.length;
      if (bytes <= OUTPUT_BYTES_MAX) chunks.push(chunk);
      yield chunk;
    }
  } finally {
    seen(Buffer.concat(chunks));
  }
}
