import { Agent, request as send } from 'node:http';

/** What to send, again and again. A signed request may be repeated within its five minutes. */
export interface Shot {
  readonly port: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Latencies {
  /** Milliseconds, ascending. */
  readonly sortedMs: readonly number[];
  readonly seconds: number;
  readonly failures: number;
}

export function percentile({ sortedMs }: Latencies, share: number): number {
  return sortedMs[Math.min(sortedMs.length - 1, Math.floor(sortedMs.length * share))] ?? Number.NaN;
}

export function perSecond({ sortedMs, seconds }: Latencies): number {
  return sortedMs.length / seconds;
}

/** As many requests as `connections` can carry one after the other; each of the shots in its turn. */
export async function closedLoop(shots: readonly Shot[], connections: number, seconds: number): Promise<Latencies> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const times: number[] = [];
  let failures = 0;
  const start = performance.now();
  const endAt = start + seconds * 1000;
  let sent = 0;
  const lane = async () => {
    while (performance.now() < endAt) {
      const begin = performance.now();
      if (await once(shots[sent++ % shots.length]!, agent, 'whole')) times.push(performance.now() - begin);
      else failures += 1;
    }
  };
  await Promise.all(Array.from({ length: connections }, lane));
  agent.destroy();
  return { sortedMs: times.sort((a, b) => a - b), seconds: (performance.now() - start) / 1000, failures };
}

/** Connections are opened, and processors woken, before anything is counted. */
const LEAD_IN_SECONDS = 1;

/** Requests at a fixed rate, whether earlier ones have been answered or not. `until` tells what is timed. */
export async function openLoop(
  shots: readonly Shot[],
  ratePerSecond: number,
  seconds: number,
  until: 'whole' | 'firstContent',
): Promise<Latencies> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1_000 });
  const times: number[] = [];
  let failures = 0;
  const start = performance.now();
  const pending: Promise<void>[] = [];
  const leadIn = ratePerSecond * LEAD_IN_SECONDS;
  for (let index = 0; index < leadIn + ratePerSecond * seconds; index++) {
    const dueAt = start + (index * 1000) / ratePerSecond;
    const waitMs = dueAt - performance.now();
    if (waitMs > 0.5) await new Promise((resolve) => setTimeout(resolve, waitMs));
    const begin = performance.now();
    pending.push(
      once(shots[index % shots.length]!, agent, until).then((firstAt) => {
        if (!firstAt) failures += 1;
        else if (index >= leadIn) times.push((until === 'whole' ? performance.now() : firstAt) - begin);
      }),
    );
  }
  await Promise.all(pending);
  agent.destroy();
  return {
    sortedMs: times.sort((a, b) => a - b),
    seconds: (performance.now() - start) / 1000 - LEAD_IN_SECONDS,
    failures,
  };
}

/** Resolves with the time at which content was first seen; 0 for a failure. */
function once({ port, path, headers, body }: Shot, agent: Agent, until: 'whole' | 'firstContent'): Promise<number> {
  return new Promise((resolve) => {
    const request = send({ port, host: '127.0.0.1', method: 'POST', path, headers, agent }, (response) => {
      let firstAt = 0;
      response.on('data', (chunk: Buffer) => {
        // Role and start events carry no content; text does, in every one of the formats.
        if (firstAt === 0 && (until === 'whole' || chunk.includes('content') || chunk.includes('Delta')))
          firstAt = performance.now();
      });
      response.on('end', () => resolve(response.statusCode === 200 ? firstAt : 0));
      response.on('error', () => resolve(0));
    });
    request.on('error', () => resolve(0));
    request.end(body);
  });
}
