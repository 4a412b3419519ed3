// Learning what is usual takes half a millisecond a subject: it stays off the event loop that answers requests.
import { parentPort } from 'node:worker_threads';
import { Detector } from '../detection/detector.ts';
import type { Finding } from '../detection/finding.ts';
import { subjectKey } from '../detection/subject.ts';
import { type Sensitivity, STANDARD_SENSITIVITY } from '../detection/suspicion.ts';
import { nameUuid } from '../kernel/name-uuid.ts';
import { runBehindRequests } from './behind-requests.ts';
import type { DetectionOrder, FromDetectionThread, ToDetectionThread } from './detection-thread-messages.ts';

runBehindRequests();

const port = parentPort;
if (!port) throw new Error('the detection thread runs as a worker only');

let detector: Detector | undefined;
let sensitivities: ReadonlyMap<string, Sensitivity> = new Map();

function obey(order: DetectionOrder): readonly Finding[] {
  if (order.kind === 'begin') {
    const { tagKeys, subjectsMax, book } = order;
    const prefix = book === 'bill' ? 'billed finding' : 'finding';
    detector = new Detector({
      ...{ tagKeys, subjectsMax },
      newId: (subject, sinceMs) => nameUuid(prefix, subjectKey(subject), sinceMs),
      sensitivityOf: (subject) => sensitivities.get(subjectKey(subject)) ?? STANDARD_SENSITIVITY,
    });
    return [];
  }
  if (!detector) throw new Error('the detection thread was told something before it was to begin');
  if (order.kind === 'learn') for (const slice of order.slices) detector.learn(slice, order.length);
  if (order.kind === 'resume') for (const finding of order.findings) detector.resume(finding);
  if (order.kind === 'settle') detector.settle(order.findingId, order.isUsual);
  if (order.kind !== 'round' && order.kind !== 'billed') return [];
  sensitivities = order.sensitivities;
  const { nowMs } = order;
  if (order.kind === 'round') return detector.round(order.slices, nowMs);
  return order.slices.flatMap((slice) => detector!.billed(slice, order.usageGrain, nowMs));
}

port.on('message', ({ id, ...order }: ToDetectionThread) => {
  const answer: FromDetectionThread = { id, findings: obey(order) };
  port.postMessage(answer);
});
