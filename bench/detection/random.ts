/** Draws from distributions, repeatable by seed. */
export class Random {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = sfc32(seed);
    for (let index = 0; index < 12; index += 1) this.#next();
  }

  /** Uniform in [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * this.#next();
  }

  whole(low: number, high: number): number {
    return Math.floor(this.between(low, high + 1));
  }

  /** Uniform by factor: as likely between 1 and 2 as between 2 and 4. */
  factor(low: number, high: number): number {
    return low * (high / low) ** this.#next();
  }

  chance(part: number): boolean {
    return this.#next() < part;
  }

  pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.#next() * from.length)]!;
  }

  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.#next())) * Math.cos(2 * Math.PI * this.#next());
  }

  /** Around 1, with a long right tail. */
  lognormal(sigma: number): number {
    return Math.exp(sigma * this.normal() - (sigma * sigma) / 2);
  }

  /** At least 1, with a tail that has no variance below an exponent of 2. */
  pareto(exponent: number): number {
    return (1 - this.#next()) ** (-1 / exponent);
  }

  poisson(mean: number): number {
    if (mean > 30) return Math.max(0, Math.round(mean + Math.sqrt(mean) * this.normal()));
    const limit = Math.exp(-mean);
    let [count, product] = [0, this.#next()];
    while (product > limit) {
      count += 1;
      product *= this.#next();
    }
    return count;
  }
}

/** sfc32 (Chris Doty-Humphrey). */
function sfc32(seed: number): () => number {
  let [a, b, c, d] = [0x9e3779b9 ^ seed, 0x243f6a88, 0xb7e15162, seed | 1];
  return () => {
    const sum = (a + b + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return (sum >>> 0) / 0x1_0000_0000;
  };
}
