import { createHash } from 'node:crypto';
import { type InvocationJob, invocationJobArn } from '../../batches/invocation-job.ts';

/** The request id of a record by its place, the same whenever it is asked for: a UUID of version 8, made of a digest (RFC 9562). */
export function recordRequestId(job: InvocationJob, key: string, index: number): string {
  const bytes = createHash('sha256')
    .update(`${invocationJobArn(job)}\n${key}\n${index}`)
    .digest()
    .subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
