import type { RecordStore } from '../kernel/record-store.ts';

const KIND = 'model-invocation-logging';

/** Where an account's calls in one region are logged, and with what of their bodies. */
export interface LoggingConfiguration {
  readonly bucketName: string;
  /** Absent: none. */
  readonly keyPrefix?: string;
  /** Bodies of calls of models for text, images, embeddings, video and audio are logged. */
  readonly includes: Readonly<Record<BodyKind, boolean>>;
}

export type BodyKind = 'text' | 'image' | 'embedding' | 'video' | 'audio';

export const BODY_KINDS: readonly BodyKind[] = ['text', 'image', 'embedding', 'video', 'audio'];

interface Place {
  readonly accountId: string;
  readonly region: string;
}

/** Logging configurations on the record store: one for each account and region, none at first. */
export class LoggingConfigurations {
  readonly #records: RecordStore;

  constructor(records: RecordStore) {
    this.#records = records;
  }

  get(place: Place): LoggingConfiguration | undefined {
    return this.#records.get<LoggingConfiguration>(KIND, keyOf(place))?.body;
  }

  async put(place: Place, configuration: LoggingConfiguration): Promise<void> {
    await this.#records.write([{ kind: KIND, key: keyOf(place), body: configuration }]);
  }

  async delete(place: Place): Promise<void> {
    if (this.get(place)) await this.#records.write([{ kind: KIND, key: keyOf(place) }]);
  }
}

function keyOf({ accountId, region }: Place): string {
  return `${accountId}/${region}`;
}
