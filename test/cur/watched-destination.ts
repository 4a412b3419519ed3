import type { Bucket, ObjectStore, StagedObject } from '../../src/kernel/object-store.ts';

/** What a delivery does to its destination, in the order in which it does it. */
export type Step = 'stage' | 'bytes' | 'publish' | 'discard' | 'put' | 'remove' | 'discardStaged';

/** A destination that asks before every step that changes something; what throws there happens instead of the step. */
export class WatchedDestination implements ObjectStore {
  readonly #inner: ObjectStore;
  readonly #before: (step: Step, key: string) => Promise<void> | void;

  constructor(inner: ObjectStore, before: (step: Step, key: string) => Promise<void> | void) {
    this.#inner = inner;
    this.#before = before;
  }

  async put(bucket: Bucket, key: string, content: string): Promise<void> {
    await this.#before('put', key);
    await this.#inner.put(bucket, key, content);
  }

  async stage(bucket: Bucket, key: string, content: AsyncIterable<Uint8Array>): Promise<StagedObject> {
    await this.#before('stage', key);
    const before = this.#before;
    async function* watched(): AsyncGenerator<Uint8Array> {
      for await (const bytes of content) {
        yield bytes;
        await before('bytes', key);
      }
    }
    const { publish, discard } = await this.#inner.stage(bucket, key, watched());
    return {
      publish: async () => {
        await before('publish', key);
        await publish();
      },
      discard: async () => {
        await before('discard', key);
        await discard();
      },
    };
  }

  read(bucket: Bucket, key: string): Promise<string | undefined> {
    return this.#inner.read(bucket, key);
  }

  open(bucket: Bucket, key: string): Promise<AsyncIterable<Uint8Array> | undefined> {
    return this.#inner.open(bucket, key);
  }

  modifiedAtMs(bucket: Bucket, key: string): Promise<number | undefined> {
    return this.#inner.modifiedAtMs(bucket, key);
  }

  list(bucket: Bucket, folder: string): Promise<readonly string[]> {
    return this.#inner.list(bucket, folder);
  }

  async remove(bucket: Bucket, key: string): Promise<void> {
    await this.#before('remove', key);
    await this.#inner.remove(bucket, key);
  }

  async discardStaged(bucket: Bucket, folder: string): Promise<void> {
    await this.#before('discardStaged', folder);
    await this.#inner.discardStaged(bucket, folder);
  }
}
