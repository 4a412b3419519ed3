import { isJsonObject } from '../../inference/json-value.ts';
import type { ModelCall } from '../../inference/model-call.ts';
import { readConverseAnswer } from './converse-answer.ts';
import { ConverseReader } from './converse-reader.ts';
import { converseBody } from './converse-request.ts';
import { converseReportedUsage } from './converse-usage.ts';
import type { Dialect } from './dialect.ts';

/** Converse and ConverseStream: the caller's own body where it speaks Converse, else what its words mean in it. */
export function converse(call: ModelCall): Dialect {
  const isHandedOn = call.original?.format === 'converse';
  return {
    wholeOperation: 'converse',
    streamOperation: 'converse-stream',
    headers: {},
    body: converseBody(call),
    read(body, reply) {
      const answer = readConverseAnswer(body);
      if (!answer) return undefined;
      const { usage, trace, tier, content, stopReason } = answer;
      return {
        answer: {
          content,
          stopReason,
          ...(isJsonObject(trace) && { trace }),
          ...(isHandedOn && { original: { format: 'converse', body, bytes: reply.body } as const }),
        },
        reported: converseReportedUsage(usage, trace),
        written: content,
        tier,
      };
    },
    reader: (emit) => new ConverseReader(isHandedOn, emit),
  };
}
