import { Fault } from '../../kernel/fault.ts';
import { type DecodedRequest, decodeInput, decodeRequest } from '../../wire/decode.ts';
import type { ServiceId } from '../../wire/operation.ts';
import type { InferenceHandler, InferenceTable } from '../inference-handler.ts';
import type { OperationHandler, OperationTable } from '../operation-handler.ts';
import type { Identified } from './identify.ts';

export interface ParseParts {
  /** Control-plane operations per service. */
  readonly operations: Readonly<Partial<Record<ServiceId, OperationTable>>>;
  /** Metered operations per service. */
  readonly inference: Readonly<Partial<Record<ServiceId, InferenceTable>>>;
}

/** An identified request with its decoded input and the handler that will answer it. */
export type Parsed =
  | (Identified & {
      readonly kind: 'operation';
      readonly input: unknown;
      readonly handler: OperationHandler<unknown, unknown>;
    })
  | (Identified & DecodedRequest & { readonly kind: 'inference'; readonly handler: InferenceHandler<unknown> });

/** Decodes the input and checks it against the service's model: types, required members, lengths, patterns, ranges. */
export function parse(identified: Identified, parts: ParseParts): Parsed {
  const { service, name } = identified.routed.operation;
  const metered = parts.inference[service];
  if (metered && Object.hasOwn(metered, name)) {
    const { input, json } = decodeRequest(identified.routed, identified.request);
    const row = metered[name];
    return { ...identified, kind: 'inference', input, json, handler: typeof row === 'function' ? row(input) : row! };
  }
  const table = parts.operations[service];
  const handler = table && Object.hasOwn(table, name) ? table[name] : undefined;
  // In AWS's model, but not one of the operations that are answered here.
  if (!handler) throw new Fault('UnknownOperationException', `The operation ${name} is not supported.`);
  return { ...identified, kind: 'operation', input: decodeInput(identified.routed, identified.request), handler };
}
