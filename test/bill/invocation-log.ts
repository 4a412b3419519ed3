import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** A record of Bedrock's model invocation log, as published samples have them. */
export interface LogRecordOptions {
  readonly requestId: string;
  readonly timestamp: string;
  readonly [member: string]: unknown;
}

export const LOG_ACCOUNT = '123456789012';

export function logRecord(options: LogRecordOptions): object {
  return {
    ...{ schemaType: 'ModelInvocationLog', schemaVersion: '1.0', accountId: LOG_ACCOUNT, region: 'us-east-1' },
    identity: { arn: `arn:aws:sts::${LOG_ACCOUNT}:assumed-role/DocsApp/alice@example.com` },
    ...{ operation: 'Converse', modelId: 'us.anthropic.claude-sonnet-4-6', inferenceRegion: 'us-west-2' },
    input: { inputContentType: 'application/json', inputTokenCount: 1000 },
    output: { outputContentType: 'application/json', outputTokenCount: 100 },
    ...options,
  };
}

/** Path of a file below the log's prefix, in the folder of an hour such as `2026-11-02T09`. */
export function logPath(hour: string, name: string, region = 'us-east-1'): string {
  const folder = hour.replace(/[-T]/g, '/');
  return `AWSLogs/${LOG_ACCOUNT}/BedrockModelInvocationLogs/${region}/${folder}/${name}.json.gz`;
}

/** Records, or lines as they are, as a file of the log. */
export function logFile(lines: readonly (object | string)[]): Buffer {
  return gzipSync(lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''));
}

export function writeLogFile(root: string, path: string, bytes: Buffer): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), bytes);
}
