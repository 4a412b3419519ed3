import type { UsageEvent } from '../metering/usage-event.ts';
import { type RedactedKind, redacted } from './redaction.ts';

/** A body as it went over the wire, for the log. */
export interface LoggedBody {
  readonly contentType: string;
  /** JSON; of an answer in pieces, a list of them. Absent: it is not logged. */
  readonly json?: unknown;
}

/** A call that has ended, as it is logged. */
export interface LoggedInvocation {
  readonly event: UsageEvent;
  readonly input: LoggedBody;
  readonly output: LoggedBody;
}

/** Where bodies go that are too large for the record. */
export interface LargeBody {
  /** Below the folder of the log. */
  readonly key: string;
  readonly text: string;
}

export interface RecordRules {
  readonly redact: readonly RedactedKind[];
  /** A larger body has an object of its own. */
  readonly inlineBytesMax: number;
  /** A body that is larger still is left out. */
  readonly bodyBytesMax: number;
  /** `s3://bucket/prefix/.../` of the folder of the log. */
  readonly folderUri: string;
}

/**
 * The record of a call in AWS's format (Bedrock User Guide, model invocation logging; names of members as in published
 * samples), with the bodies that do not fit in. A body that was left out has `inputBodyOmitted` or `outputBodyOmitted`, which
 * are ours.
 */
export function invocationRecord(
  { event, input, output }: LoggedInvocation,
  rules: RecordRules,
): { readonly record: object; readonly large: readonly LargeBody[] } {
  const large: LargeBody[] = [];
  const body = (side: 'input' | 'output', { contentType, json }: LoggedBody): object => {
    const facts = { [`${side}ContentType`]: contentType };
    if (json === undefined) return facts;
    const value = redacted(json, rules.redact);
    const text = JSON.stringify(value);
    const bytes = Buffer.byteLength(text);
    if (bytes <= rules.inlineBytesMax) return { ...facts, [`${side}BodyJson`]: value };
    if (bytes > rules.bodyBytesMax) return { ...facts, [`${side}BodyOmitted`]: `${bytes} bytes` };
    const key = `data/${event.requestId}_${side}.json.gz`;
    large.push({ key, text });
    return { ...facts, [`${side}BodyS3Path`]: `${rules.folderUri}${key}` };
  };
  const { usage } = event;
  const written = (usage.cacheWrite5mInputTokens ?? 0) + (usage.cacheWrite1hInputTokens ?? 0);
  const record = {
    schemaType: 'ModelInvocationLog',
    schemaVersion: '1.0',
    timestamp: `${new Date(event.admittedAtMs).toISOString().slice(0, 19)}Z`,
    accountId: event.accountId,
    region: event.region,
    requestId: event.attemptOf || event.requestId,
    identity: { arn: event.principalArn },
    operation: event.operation,
    modelId: event.requestedModelId,
    input: {
      ...body('input', input),
      inputTokenCount: usage.inputTokens,
      cacheReadInputTokenCount: usage.cacheReadInputTokens ?? 0,
      cacheWriteInputTokenCount: written,
    },
    output: { ...body('output', output), outputTokenCount: usage.outputTokens },
    ...(event.requestMetadata.length > 0 && { requestMetadata: Object.fromEntries(event.requestMetadata) }),
    ...(event.errorCode !== '' && { errorCode: event.errorCode }),
  };
  return { record, large };
}
