import type { BatchGate } from '../../admission/spend-gate.ts';
import { type InvocationJob, type JobBound, objectUri } from '../../batches/invocation-job.ts';
import { RecordIds } from '../../batches/record-ids.ts';
import { Fault } from '../../kernel/fault.ts';
import type { ObjectStoreOf } from '../../kernel/object-store.ts';
import { type ReadRecordParts, readRecord } from './batch-call.ts';
import { inputKeys, inputRecords } from './batch-input.ts';
import type { DelegatedJob } from './delegated-job.ts';

export interface JobSurveyParts extends ReadRecordParts {
  readonly storeOf: ObjectStoreOf;
  readonly batchGate: BatchGate;
  readonly maxRecords: number;
}

/**
 * Reads every record once: what the job is made of, and the most that it can use. Throws ValidationException for a line that
 * is no record.
 */
export async function surveyJob({ model }: DelegatedJob, job: InvocationJob, parts: JobSurveyParts): Promise<JobBound> {
  const ids = new RecordIds();
  let allHaveIds = true;
  let records = 0;
  let most = { inputTokens: 0n, outputTokens: 0n, costPicoUsd: 0n, isUnpriced: false };
  for await (const record of inputRecords(job, await inputKeys(job, parts.storeOf), parts.storeOf)) {
    records += 1;
    if (records > parts.maxRecords) {
      throw new Fault('ValidationException', `A job may have ${parts.maxRecords} records at most.`);
    }
    ids.add(record.recordId);
    allHaveIds &&= record.hasOwnId;
    const call = readRecord(job, model, record.modelInput, parts);
    if (call.prompt.guardrail || 'guardrailConfig' in record.modelInput) {
      // Nobody would have asked whether its submitter may apply it.
      throw new Fault(
        'ValidationException',
        `Line ${record.index + 1} names a guardrail, which a batch does not take.`,
      );
    }
    const one = parts.batchGate.boundOf(call);
    most = {
      inputTokens: most.inputTokens + one.inputTokens,
      outputTokens: most.outputTokens + one.outputTokens,
      costPicoUsd: most.costPicoUsd + one.costPicoUsd,
      isUnpriced: most.isUnpriced || one.isUnpriced,
    };
  }
  if (records === 0) throw new Fault('ValidationException', `There is no record in ${objectUri(job.input)}.`);
  return {
    records,
    inputTokens: Number(most.inputTokens),
    outputTokens: Number(most.outputTokens),
    costPicoUsd: most.costPicoUsd.toString(),
    isUnpriced: most.isUnpriced,
    ...(allHaveIds && { recordIds: ids.digest() }),
  };
}
