import { expect } from 'vitest';
import { formatUsd } from '../../src/kernel/money.ts';
import type { TestServer } from '../server.ts';
import { callAs } from './principals.ts';
import { converseCall, type Keys, type RawAnswer } from './raw-client.ts';
import { listedRequests, totals } from './totals.ts';

/** Regional prices per token of the model, in pico-USD: 3.30 and 16.50 USD per million. */
const INPUT_PICO_USD = 3_300_000n;
const OUTPUT_PICO_USD = 16_500_000n;

/** The calls that were answered with 200, and what the ledger owes for them: each has tokens of its own. */
export class AcknowledgedCalls {
  readonly #server: () => TestServer;
  readonly #tokens = new Map<string, readonly [input: bigint, output: bigint]>();
  #asked = 0;

  constructor(server: () => TestServer) {
    this.#server = server;
  }

  get count(): number {
    return this.#tokens.size;
  }

  get requestIds(): Set<string> {
    return new Set(this.#tokens.keys());
  }

  /** One Converse call; remembered when it was answered. */
  async call(keys: Keys): Promise<RawAnswer> {
    const number = ++this.#asked;
    const inputTokens = 1_000 + number;
    const outputTokens = 10 + (number % 7);
    const answer = await callAs(this.#server(), keys, 'bedrock', converseCall({ inputTokens, outputTokens }));
    if (answer.status === 200) {
      this.#tokens.set(String(answer.headers['x-amzn-requestid']), [BigInt(inputTokens), BigInt(outputTokens)]);
    }
    return answer;
  }

  /** Waits until the ledger has every one of them; fewer than one ListRequests answers. */
  async expectListed(): Promise<void> {
    const missing = async () => {
      const listed = new Set((await listedRequests(this.#server())).map(({ RequestId }) => RequestId));
      return [...this.#tokens.keys()].filter((id) => !listed.has(id));
    };
    await expect.poll(missing, { timeout: 30_000 }).toEqual([]);
  }

  /** The report's tokens, calls and cost are those of the acknowledged calls: nothing lost, nothing doubled. */
  async expectTotals(): Promise<void> {
    let input = 0n;
    let output = 0n;
    for (const [inputTokens, outputTokens] of this.#tokens.values()) {
      input += inputTokens;
      output += outputTokens;
    }
    expect(await totals(this.#server())).toEqual({
      Tokens: `${input + output}`,
      Requests: `${this.#tokens.size}`,
      CostUsd: formatUsd(input * INPUT_PICO_USD + output * OUTPUT_PICO_USD),
    });
  }
}
