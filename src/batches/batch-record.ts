import { Fault } from '../kernel/fault.ts';
import { textLines } from '../kernel/text-lines.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/** One line of a batch's input. */
export interface BatchRecord {
  /** Where the line names none, one that is made from its place. */
  readonly recordId: string;
  readonly hasOwnId: boolean;
  readonly modelInput: JsonObject;
}

/** One line of a batch's output, as far as it is read. */
export interface OutputRecord extends BatchRecord {
  /** Absent: the record failed. */
  readonly modelOutput?: JsonObject;
}

/** What came of a record, as its line of the output says it. */
export type RecordOutcome =
  | { readonly modelOutput: unknown }
  | { readonly error: { readonly errorCode: number; readonly errorMessage: string } };

/** Longest line, in bytes: as long as the body of one call may be, and its record's id. */
export const MAX_LINE_BYTES = 26_000_000;

/** Reads a line of an input. Throws ValidationException for what is no record. */
export function readBatchRecord(line: string, index: number): BatchRecord {
  return recordOf(objectIn(line, index), index);
}

/** Reads a line of an output. Throws ValidationException for what is none. */
export function readOutputRecord(line: string, index: number): OutputRecord {
  const value = objectIn(line, index);
  const { modelOutput } = value;
  return { ...recordOf(value, index), ...(isObject(modelOutput) && { modelOutput }) };
}

function objectIn(line: string, index: number): JsonObject {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : {};
  } catch {
    throw new Fault('ValidationException', `Line ${index + 1} is not valid JSON.`);
  }
}

function recordOf({ recordId, modelInput }: JsonObject, index: number): BatchRecord {
  if (!isObject(modelInput)) throw new Fault('ValidationException', `Line ${index + 1} has no object modelInput.`);
  // Bedrock makes ids where lines have none; what they look like is not published.
  return typeof recordId === 'string'
    ? { recordId, hasOwnId: true, modelInput }
    : { recordId: `RECORD${index + 1}`, hasOwnId: false, modelInput };
}

/** The line of the output: the record, and what came of it. */
export function outputLine(record: Pick<BatchRecord, 'recordId' | 'modelInput'>, outcome: RecordOutcome): string {
  return `${JSON.stringify({ modelInput: record.modelInput, ...outcome, recordId: record.recordId })}\n`;
}

/** Lines of a file of records. Throws ValidationException for one that is too long. */
export function linesOf(content: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const tooLong = () => new Fault('ValidationException', 'A line of the input is too long.');
  return textLines(content, MAX_LINE_BYTES, tooLong);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
