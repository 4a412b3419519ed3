import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Config } from '../config.ts';
import type { FoundationModel } from '../inference/model-catalog.ts';
import type { InvocationLog as InvocationLogPort, SeenInvocation } from '../invocations/invocation-log.ts';
import { invocationRecord, type LoggedBody, type RecordRules } from '../invocations/invocation-record.ts';
import type { BodyKind, LoggingConfiguration, LoggingConfigurations } from '../invocations/logging-configurations.ts';
import { WaitingRoom } from '../invocations/waiting-room.ts';
import type { ObjectStoreOf } from '../kernel/object-store.ts';
import { type Clock, SECOND_MS } from '../kernel/time.ts';
import type { UsageEvent } from '../metering/usage-event.ts';
import type { JournalWatcher } from '../metering/watched-journal.ts';
import { bodyJson } from '../wire/logged-body.ts';

const gzipped = promisify(gzip);

export interface InvocationLogParts {
  readonly settings: Config['invocationLog'];
  readonly configurations: LoggingConfigurations;
  readonly storeOf: ObjectStoreOf;
  readonly modelOf: (modelId: string) => FoundationModel | undefined;
  readonly clock: Clock;
  readonly onTrouble: (message: string) => void;
}

/** Bodies of all accounts that wait to be written; what comes on top is not logged, and the operator is told. */
const WAITING_BYTES_MAX = 64 * 1024 * 1024;
/** Calls that have settled and whose answer is still under way. */
const SETTLED_MAX = 20_000;
/** So many bytes are written at once without waiting for the clock. */
const FLUSH_BYTES = 4 * 1024 * 1024;

interface Waiting extends SeenInvocation {
  readonly event: UsageEvent;
  readonly configuration: LoggingConfiguration;
}

/** The model invocation log: off for every account and region until PutModelInvocationLoggingConfiguration. */
export class InvocationLog implements InvocationLogPort, JournalWatcher {
  readonly #parts: InvocationLogParts;
  /** How calls ended that are to be logged, by the request id of their first attempt. */
  readonly #settled = new Map<string, UsageEvent>();
  /** Answers whose client left before the model was done. */
  readonly #unsettled = new Map<string, SeenInvocation>();
  #waiting: Waiting[] = [];
  readonly #room = new WaitingRoom(WAITING_BYTES_MAX);
  #dropped = 0;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(parts: InvocationLogParts) {
    this.#parts = parts;
  }

  settling(event: UsageEvent): void {
    // Also where it was switched off meanwhile: what was seen takes up room until then.
    if (this.wants(event) || this.#unsettled.has(requestIdOf(event))) this.#note(event);
  }

  wants(place: { readonly accountId: string; readonly region: string }): boolean {
    return this.#parts.configurations.get(place) !== undefined;
  }

  seen(invocation: SeenInvocation): void {
    const event = this.#settled.get(invocation.requestId);
    this.#settled.delete(invocation.requestId);
    // Refused before it was a call.
    if (!event && invocation.isWhole) return;
    if (!this.#room.take(invocation.accountId, bytesOf(invocation))) {
      this.#dropped += 1;
      return;
    }
    if (event) this.#queue(invocation, event);
    else this.#unsettled.set(invocation.requestId, invocation);
  }

  start(): void {
    this.#timer = setInterval(() => this.#flushSoon(), this.#parts.settings.flushSeconds * SECOND_MS).unref();
  }

  /** Writes what is left. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#flushSoon();
    await this.#writing;
  }

  #note(event: UsageEvent): void {
    const requestId = requestIdOf(event);
    const invocation = this.#unsettled.get(requestId);
    if (invocation) {
      this.#unsettled.delete(requestId);
      this.#queue(invocation, event);
      return;
    }
    this.#settled.set(requestId, event);
    if (this.#settled.size <= SETTLED_MAX) return;
    const [oldest] = this.#settled.keys();
    this.#settled.delete(oldest!);
  }

  #queue(invocation: SeenInvocation, event: UsageEvent): void {
    const configuration = this.#parts.configurations.get(event);
    // Switched off meanwhile.
    if (!configuration) this.#room.give(invocation.accountId, bytesOf(invocation));
    else this.#waiting.push({ ...invocation, event, configuration });
    if (this.#room.bytes >= FLUSH_BYTES) this.#flushSoon();
  }

  #flushSoon(): void {
    this.#writing = this.#writing.then(() => this.#flush());
  }

  async #flush(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    if (this.#dropped > 0)
      this.#parts.onTrouble(`invocation log: ${this.#dropped} calls were not logged, too many wait`);
    this.#dropped = 0;
    for (const [folder, calls] of Map.groupBy(waiting, folderOf)) {
      try {
        await this.#write(folder, calls);
      } catch (error) {
        this.#parts.onTrouble(`invocation log: ${calls.length} calls were not logged: ${(error as Error).message}`);
      }
    }
    for (const call of waiting) this.#room.give(call.accountId, bytesOf(call));
  }

  async #write(folder: string, calls: readonly Waiting[]): Promise<void> {
    const { settings, storeOf, modelOf, clock } = this.#parts;
    const { event, configuration } = calls[0]!;
    const bucket = { name: configuration.bucketName, region: event.region };
    const store = storeOf(bucket.name);
    const put = async (key: string, text: string) => {
      const staged = await store.stage(bucket, `${folder}${key}`, once(await gzipped(text)));
      await staged.publish();
    };
    const { redact, inlineBytesMax, bodyBytesMax } = settings;
    const rules: RecordRules = { redact, inlineBytesMax, bodyBytesMax, folderUri: `s3://${bucket.name}/${folder}` };
    const lines: string[] = [];
    for (const call of calls) {
      const isLogged = configuration.includes[bodyKindOf(modelOf(call.event.modelId))];
      const bodyOf = ({ contentType, bytes }: SeenInvocation['input']): LoggedBody => {
        const json = isLogged ? bodyJson(contentType, bytes) : undefined;
        return { contentType, ...(json !== undefined && { json }) };
      };
      const { record, large } = recordOf(call.event, [bodyOf(call.input), bodyOf(call.output)], rules);
      lines.push(`${JSON.stringify(record)}\n`);
      for (const { key, text } of large) await put(key, text);
      // Between two calls requests are answered.
      await new Promise((resolve) => setImmediate(resolve));
    }
    const stamp = new Date(clock()).toISOString().replace(/[-:]/g, '').slice(0, 15);
    await put(`${stamp}Z_${randomUUID().slice(0, 8)}.json.gz`, lines.join(''));
  }
}

function requestIdOf({ attemptOf, requestId }: UsageEvent): string {
  return attemptOf || requestId;
}

/** Without bodies where one cannot be written: whoever made the call made them, and they keep no call out of the log. */
function recordOf(event: UsageEvent, [input, output]: readonly [LoggedBody, LoggedBody], rules: RecordRules) {
  try {
    return invocationRecord({ event, input, output }, rules);
  } catch {
    const without = ({ contentType }: LoggedBody) => ({ contentType });
    return invocationRecord({ event, input: without(input), output: without(output) }, rules);
  }
}

function bytesOf({ input, output }: SeenInvocation): number {
  return input.bytes.length + output.bytes.length;
}

/** AWS's layout: one folder for each hour. */
function folderOf({ event, configuration }: Waiting): string {
  const hour = new Date(event.admittedAtMs).toISOString().slice(0, 13).replace(/[-T]/g, '/');
  return `${logFolder(configuration, event)}${hour}/`;
}

/** `prefix/AWSLogs/123456789012/BedrockModelInvocationLogs/us-east-1/`. */
function logFolder(
  { keyPrefix = '' }: Pick<LoggingConfiguration, 'keyPrefix'>,
  { accountId, region }: { readonly accountId: string; readonly region: string },
): string {
  const prefix = keyPrefix === '' || keyPrefix.endsWith('/') ? keyPrefix : `${keyPrefix}/`;
  return `${prefix}AWSLogs/${accountId}/BedrockModelInvocationLogs/${region}/`;
}

/** AWS's name for what it writes to find out whether it can. */
export function permissionCheckKey(
  configuration: Pick<LoggingConfiguration, 'keyPrefix'>,
  place: { readonly accountId: string; readonly region: string },
): string {
  return `${logFolder(configuration, place)}amazon-bedrock-logs-permission-check`;
}

function bodyKindOf(model: FoundationModel | undefined): BodyKind {
  if (model?.outputModalities?.includes('EMBEDDING')) return 'embedding';
  return model?.outputModalities?.includes('IMAGE') ? 'image' : 'text';
}

async function* once(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}
