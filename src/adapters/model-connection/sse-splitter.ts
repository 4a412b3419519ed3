const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const DATA_FIELD = Buffer.from('data:');

/** Thrown when one event of a stream is longer than allowed. */
export class EventTooLong extends Error {
  override readonly name = 'EventTooLong';
}

/**
 * Cuts a stream of server-sent events into the data of each event. Works on bytes, so that neither a line nor a character
 * is broken where two chunks meet. Lines end in LF or CRLF; all fields but `data` are passed over.
 */
export class SseSplitter {
  readonly #maxEventBytes: number;
  readonly #onData: (data: string) => void;
  /** Beginning of a line whose end has not come. */
  #carried: Buffer[] = [];
  #carriedBytes = 0;
  /** Data of the event so far; undefined when it has none. */
  #data: string | undefined;

  constructor(maxEventBytes: number, onData: (data: string) => void) {
    this.#maxEventBytes = maxEventBytes;
    this.#onData = onData;
  }

  push(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      if (this.#carriedBytes === 0) this.#endLine(chunk, start, end);
      else {
        this.#carry(chunk.subarray(start, end));
        this.#endCarriedLine();
      }
      start = end + 1;
    }
    if (start < chunk.length) this.#carry(chunk.subarray(start));
  }

  /** The stream is over. What has no blank line behind it counts all the same: many servers leave the last one out. */
  end(): void {
    if (this.#carriedBytes > 0) this.#endCarriedLine();
    this.#endEvent();
  }

  #carry(part: Buffer): void {
    this.#carried.push(part);
    this.#carriedBytes += part.length;
    if (this.#carriedBytes > this.#maxEventBytes) throw new EventTooLong();
  }

  #endCarriedLine(): void {
    const line = Buffer.concat(this.#carried, this.#carriedBytes);
    this.#carried = [];
    this.#carriedBytes = 0;
    this.#endLine(line, 0, line.length);
  }

  #endLine(bytes: Buffer, start: number, lineEnd: number): void {
    const end = lineEnd > start && bytes[lineEnd - 1] === CARRIAGE_RETURN ? lineEnd - 1 : lineEnd;
    if (end === start) {
      this.#endEvent();
      return;
    }
    const valueStart = start + DATA_FIELD.length;
    if (end < valueStart || DATA_FIELD.compare(bytes, start, valueStart) !== 0) return;
    const value = bytes.toString('utf8', bytes[valueStart] === SPACE ? valueStart + 1 : valueStart, end);
    this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`;
    if (this.#data.length > this.#maxEventBytes) throw new EventTooLong();
  }

  #endEvent(): void {
    const data = this.#data;
    this.#data = undefined;
    // An event without data is only a sign of life.
    if (data) this.#onData(data);
  }
}
