/** Often enough to see that it goes on. */
const EVERY_MS = 10_000;

/** Says on standard error how far a long piece of work has come, at most every ten seconds: `calls: 30 of 90 days, 61 s`. */
export function progress(work: string, of: number, unit: string): (done: number) => void {
  const from = performance.now();
  let saidMs = 0;
  return (done) => {
    const sinceMs = performance.now() - from;
    if (sinceMs - saidMs < EVERY_MS) return;
    saidMs = sinceMs;
    console.error(`${work}: ${done} of ${of} ${unit}, ${(sinceMs / 1_000).toFixed(0)} s`);
  };
}
