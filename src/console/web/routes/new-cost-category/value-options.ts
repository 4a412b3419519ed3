import { useCallback } from 'react';
import { call } from '../../api/call.ts';
import type { Option } from '../../components/combobox.tsx';
import { useClock } from '../../display/present.ts';
import { compactMoney } from '../../format/amounts.ts';
import { isoDate, spanOf } from '../../time/range.ts';
import type { ConditionDraft } from './rule-draft.ts';

const LOOKED_AT = '30d';

/** Finds values of a condition's key in the last thirty days; what was typed can be chosen as it is. */
export function useValueOptions({ of, key }: Pick<ConditionDraft, 'of' | 'key'>) {
  const clock = useClock();
  return useCallback(
    async (typed: string, signal: AbortSignal): Promise<readonly Option[]> => {
      const present = clock();
      const { zone } = present;
      const { startMs, endMs } = spanOf(LOOKED_AT, present)!;
      const period = { Start: isoDate(startMs, zone), End: isoDate(endMs, zone) };
      const found = key === '' ? [] : await valuesOf({ of, key, startMs, endMs, period }, signal).catch(() => []);
      const wanted = typed.trim().toLowerCase();
      const shown = found.filter(({ value }) => value !== '' && value.toLowerCase().includes(wanted));
      const isNew = typed.trim() !== '' && !found.some(({ value }) => value === typed.trim());
      return [...(isNew ? [{ value: typed.trim(), note: 'as typed' }] : []), ...shown];
    },
    [of, key, clock],
  );
}

interface ValueQuestion extends Pick<ConditionDraft, 'of' | 'key'> {
  readonly startMs: number;
  readonly endMs: number;
  readonly period: { readonly Start: string; readonly End: string };
}

async function valuesOf({ of, key, startMs, endMs, period }: ValueQuestion, signal: AbortSignal): Promise<Option[]> {
  if (of === 'Tags') {
    const range = { Start: new Date(startMs).toISOString(), End: new Date(endMs).toISOString() };
    const { Values } = await call<{ Values: { Value: string; CostUsd: string }[] }>(
      'tallyline',
      'GetTagValues',
      { ...range, TagKey: key },
      { signal },
    );
    return Values.map(({ Value, CostUsd }) => ({ value: Value, note: compactMoney(CostUsd) }));
  }
  if (of === 'CostCategories') {
    const question = { TimePeriod: period, CostCategoryName: key };
    const { CostCategoryValues = [] } = await call<{ CostCategoryValues?: string[] }>(
      'ce',
      'GetCostCategories',
      question,
      { signal },
    );
    return CostCategoryValues.map((value) => ({ value }));
  }
  const question = { TimePeriod: period, Dimension: key };
  const { DimensionValues = [] } = await call<{ DimensionValues?: { Value: string }[] }>(
    'ce',
    'GetDimensionValues',
    question,
    { signal },
  );
  return DimensionValues.map(({ Value }) => ({ value: Value }));
}
