import type { HeldModel } from '../billing/held-model.ts';
import type { HeldModelConfig } from '../config.ts';
import { parseArn } from '../kernel/arn.ts';
import { Fault } from '../kernel/fault.ts';
import type { HeldMeter } from '../rating/meter.ts';

const METERS: Readonly<Record<HeldModelConfig['commitment'], HeldMeter>> = {
  none: 'model_unit_hour',
  '1_month': 'model_unit_hour_1_month',
  '6_month': 'model_unit_hour_6_month',
};

const MINUTES_PER_HOUR = 60;

/** The configured models that are paid for by the hour, by ARN. Throws ConfigInvalid for times that are none. */
export function heldModels(configured: readonly HeldModelConfig[]): ReadonlyMap<string, HeldModel> {
  return new Map(configured.map((one) => [one.arn, heldModel(one)]));
}

function heldModel({ arn, modelId, modelUnits, commitment, from, to }: HeldModelConfig): HeldModel {
  const { region, accountId, resource } = parseArn(arn)!;
  const isImported = resource.startsWith('imported-model/');
  return {
    ...{ arn, modelId, region, accountId },
    meter: isImported ? 'cmu_minute' : METERS[commitment],
    piecesPerHour: isImported ? modelUnits * MINUTES_PER_HOUR : modelUnits,
    fromMs: instantOf(from, arn),
    ...(to !== undefined && { toMs: instantOf(to, arn) }),
  };
}

function instantOf(text: string, arn: string): number {
  const atMs = Date.parse(text);
  if (Number.isNaN(atMs))
    throw new Fault('ConfigInvalid', `\`${text}\` of \`${arn}\` is no time such as 2026-11-01T00:00:00Z`);
  return atMs;
}
