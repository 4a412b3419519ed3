import type { BilledModel } from '../../rating/billed-model.ts';

/** Which models one of a vendor's can be tried instead of, and which of them is the newer one. */
export interface ModelFamily {
  /** `anthropic.claude` of `anthropic.claude-sonnet-4-6`, with what it answers. */
  readonly name: string;
  /** `[4, 6]` of `Claude Sonnet 4.6`; `[1]` where the name has none: vendors number from the second one on. */
  readonly version: readonly number[];
}

export function familyOf({ modelId, displayName, outputModalities = ['TEXT'] }: BilledModel): ModelFamily {
  const name = /^[^.]+[.][a-z]+/.exec(modelId)?.[0] ?? modelId;
  // Sizes (`70B`, `8x7B`) and dates (`(24.02)`) are no versions.
  const [version = '1'] = /\d+(?:[.]\d+)?(?![\dxB.])/i.exec(displayName.replace(/[(].*?[)]/g, '')) ?? [];
  return { name: [name, ...outputModalities].join(' '), version: version.split('.').map(Number) };
}

/** Models of one number are one generation: `Haiku 4.5` is as new as `Sonnet 4.6`. */
export function generationOf({ version }: ModelFamily): number {
  return version[0]!;
}

/** Below zero where `a` is the older one. */
export function compareVersions(a: ModelFamily, b: ModelFamily): number {
  return generationOf(a) - generationOf(b) || (a.version[1] ?? 0) - (b.version[1] ?? 0);
}
