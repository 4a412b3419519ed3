import { execFileSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

interface CruiseResult {
  readonly modules: readonly { readonly source: string }[];
  readonly summary: {
    readonly violations: readonly {
      readonly from: string;
      readonly to: string;
      readonly rule: { readonly name: string };
    }[];
  };
}

describe('import rules', () => {
  const output = execFileSync(
    'node_modules/.bin/depcruise',
    ['src', '--output-type', 'json', '--config', '.dependency-cruiser.js'],
    {
      encoding: 'utf8',
      maxBuffer: 256 << 20,
    },
  );
  const result = JSON.parse(output) as CruiseResult;

  it('holds in every module', () => {
    expect(result.summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`)).toEqual([]);
  });

  it('saw every source file: a check that reads nothing passes for the wrong reason', () => {
    const seen = new Set(result.modules.map(({ source }) => source));
    expect(globSync('src/**/*.{ts,tsx}').filter((file) => !seen.has(file))).toEqual([]);
  });
});
