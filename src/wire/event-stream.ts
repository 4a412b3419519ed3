import { crc32 } from 'node:zlib';
import { Fault } from '../kernel/fault.ts';

/**
 * `application/vnd.amazon.eventstream`: total length, length of the headers, CRC of both; headers; payload; CRC of all.
 * Header values by type: booleans, byte, short and int as number, long as bigint, bytes as Buffer, timestamp as Date,
 * text and UUID as string.
 */
export interface EventMessage {
  readonly headers: Readonly<Record<string, EventHeader>>;
  readonly payload: Buffer;
}

export interface ReceivedMessage extends EventMessage {
  /** All of it, as it came. */
  readonly bytes: Buffer;
}

export type EventHeader = boolean | number | bigint | string | Buffer | Date;

const PRELUDE_BYTES = 12;
const CRC_BYTES = 4;
/** As AWS limits a message and its headers. */
const MESSAGE_BYTES_MAX = 16 * 1024 * 1024;
const HEADERS_BYTES_MAX = 128 * 1024;

const TYPE = {
  true: 0,
  false: 1,
  byte: 2,
  short: 3,
  int: 4,
  long: 5,
  bytes: 6,
  string: 7,
  timestamp: 8,
  uuid: 9,
} as const;

/** One message; `encodedHeaders` is from `encodeEventHeaders`, and can be kept where many messages have the same. */
export function encodeEventMessage(encodedHeaders: Buffer, payload: Buffer): Buffer {
  const total = PRELUDE_BYTES + encodedHeaders.length + payload.length + CRC_BYTES;
  const message = Buffer.allocUnsafe(total);
  message.writeUInt32BE(total, 0);
  message.writeUInt32BE(encodedHeaders.length, 4);
  message.writeUInt32BE(crc32(message.subarray(0, 8)), 8);
  encodedHeaders.copy(message, PRELUDE_BYTES);
  payload.copy(message, PRELUDE_BYTES + encodedHeaders.length);
  message.writeUInt32BE(crc32(message.subarray(0, total - CRC_BYTES)), total - CRC_BYTES);
  return message;
}

/** Numbers are written as int. */
export function encodeEventHeaders(headers: EventMessage['headers']): Buffer {
  return Buffer.concat(Object.entries(headers).map(([name, value]) => encodeHeader(name, value)));
}

function encodeHeader(name: string, value: EventHeader): Buffer {
  const nameBytes = Buffer.from(name);
  const [type, valueBytes] = encodeHeaderValue(value);
  return Buffer.concat([Buffer.from([nameBytes.length]), nameBytes, Buffer.from([type]), valueBytes]);
}

function encodeHeaderValue(value: EventHeader): readonly [type: number, bytes: Buffer] {
  if (typeof value === 'boolean') return [value ? TYPE.true : TYPE.false, Buffer.alloc(0)];
  if (typeof value === 'string') return [TYPE.string, lengthPrefixed(Buffer.from(value))];
  if (Buffer.isBuffer(value)) return [TYPE.bytes, lengthPrefixed(value)];
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32BE(value);
    return [TYPE.int, bytes];
  }
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(typeof value === 'bigint' ? value : BigInt(value.getTime()));
  return [typeof value === 'bigint' ? TYPE.long : TYPE.timestamp, bytes];
}

function lengthPrefixed(bytes: Buffer): Buffer {
  const prefix = Buffer.alloc(2);
  prefix.writeUInt16BE(bytes.length);
  return Buffer.concat([prefix, bytes]);
}

/** Cuts a byte stream, however it is chunked, into messages. Throws SerializationException for bytes that are none. */
export class EventStreamDecoder {
  #pending: Buffer = Buffer.alloc(0);

  /** The messages that `chunk` completes. */
  *decode(chunk: Uint8Array): Generator<ReceivedMessage> {
    this.#pending = this.#pending.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#pending, chunk]);
    while (this.#pending.length >= PRELUDE_BYTES) {
      const total = readPrelude(this.#pending);
      if (this.#pending.length < total) return;
      const message = this.#pending.subarray(0, total);
      this.#pending = this.#pending.subarray(total);
      yield decodeMessage(message);
    }
  }

  /** Throws SerializationException when the stream stopped inside a message. */
  end(): void {
    if (this.#pending.length > 0) throw corrupt('it stops inside a message');
  }
}

/** The message's length, checked before anything is kept for it. */
function readPrelude(bytes: Buffer): number {
  const total = bytes.readUInt32BE(0);
  const headersLength = bytes.readUInt32BE(4);
  if (bytes.readUInt32BE(8) !== crc32(bytes.subarray(0, 8))) throw corrupt('the prelude checksum is wrong');
  if (headersLength > HEADERS_BYTES_MAX || total > MESSAGE_BYTES_MAX) throw corrupt('a message is too long');
  if (total < PRELUDE_BYTES + headersLength + CRC_BYTES) throw corrupt('its lengths contradict each other');
  return total;
}

function decodeMessage(message: Buffer): ReceivedMessage {
  const crcAt = message.length - CRC_BYTES;
  if (message.readUInt32BE(crcAt) !== crc32(message.subarray(0, crcAt))) throw corrupt('the message checksum is wrong');
  const payloadAt = PRELUDE_BYTES + message.readUInt32BE(4);
  const headers: Record<string, EventHeader> = Object.create(null);
  let at = PRELUDE_BYTES;
  try {
    while (at < payloadAt) {
      const nameEnd = at + 1 + message.readUInt8(at);
      const [value, next] = decodeHeaderValue(message, nameEnd);
      headers[message.toString('utf8', at + 1, nameEnd)] = value;
      at = next;
    }
  } catch (error) {
    throw error instanceof RangeError ? corrupt('a header is cut off') : error;
  }
  if (at !== payloadAt) throw corrupt('a header is cut off');
  return { headers, payload: message.subarray(payloadAt, crcAt), bytes: message };
}

/** The value whose type byte is at `at`, and where the next header begins. */
function decodeHeaderValue(bytes: Buffer, at: number): readonly [value: EventHeader, next: number] {
  const start = at + 1;
  switch (bytes.readUInt8(at)) {
    case TYPE.true:
      return [true, start];
    case TYPE.false:
      return [false, start];
    case TYPE.byte:
      return [bytes.readInt8(start), start + 1];
    case TYPE.short:
      return [bytes.readInt16BE(start), start + 2];
    case TYPE.int:
      return [bytes.readInt32BE(start), start + 4];
    case TYPE.long:
      return [bytes.readBigInt64BE(start), start + 8];
    case TYPE.timestamp:
      return [new Date(Number(bytes.readBigInt64BE(start))), start + 8];
    case TYPE.bytes: {
      const end = start + 2 + bytes.readUInt16BE(start);
      return [bytes.subarray(start + 2, end), end];
    }
    case TYPE.string: {
      const end = start + 2 + bytes.readUInt16BE(start);
      return [bytes.toString('utf8', start + 2, end), end];
    }
    case TYPE.uuid:
      return [bytes.toString('hex', start, start + 16).replace(/(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'), start + 16];
    default:
      throw corrupt('a header has an unknown type');
  }
}

function corrupt(what: string): Fault {
  return new Fault('SerializationException', `the event stream is damaged: ${what}`);
}
