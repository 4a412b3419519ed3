/** How AWS's bills write a region. */
interface BillingRegion {
  /** What usage types begin with: `USE1`. */
  readonly prefix: string;
  /** What descriptions end with: `US East (N. Virginia)`. */
  readonly location: string;
}

/**
 * Prefixes as in AWS price lists and bills, read 2026-11. eu-west-1 is `EU` (`EUW1` is also seen) and ap-south-1 is `APS3`
 * (one source has `API1`): docs/decisions/2026-11-22-prices.md.
 */
const REGIONS: ReadonlyMap<string, BillingRegion> = new Map([
  ['us-east-1', { prefix: 'USE1', location: 'US East (N. Virginia)' }],
  ['us-east-2', { prefix: 'USE2', location: 'US East (Ohio)' }],
  ['us-west-1', { prefix: 'USW1', location: 'US West (N. California)' }],
  ['us-west-2', { prefix: 'USW2', location: 'US West (Oregon)' }],
  ['us-gov-east-1', { prefix: 'UGE1', location: 'AWS GovCloud (US-East)' }],
  ['us-gov-west-1', { prefix: 'UGW1', location: 'AWS GovCloud (US-West)' }],
  ['ca-central-1', { prefix: 'CAN1', location: 'Canada (Central)' }],
  ['ca-west-1', { prefix: 'CAN2', location: 'Canada West (Calgary)' }],
  ['mx-central-1', { prefix: 'MXC1', location: 'Mexico (Central)' }],
  ['sa-east-1', { prefix: 'SAE1', location: 'South America (Sao Paulo)' }],
  ['eu-west-1', { prefix: 'EU', location: 'EU (Ireland)' }],
  ['eu-west-2', { prefix: 'EUW2', location: 'EU (London)' }],
  ['eu-west-3', { prefix: 'EUW3', location: 'EU (Paris)' }],
  ['eu-central-1', { prefix: 'EUC1', location: 'EU (Frankfurt)' }],
  ['eu-central-2', { prefix: 'EUC2', location: 'Europe (Zurich)' }],
  ['eu-north-1', { prefix: 'EUN1', location: 'EU (Stockholm)' }],
  ['eu-south-1', { prefix: 'EUS1', location: 'EU (Milan)' }],
  ['eu-south-2', { prefix: 'EUS2', location: 'Europe (Spain)' }],
  ['ap-east-1', { prefix: 'APE1', location: 'Asia Pacific (Hong Kong)' }],
  ['ap-east-2', { prefix: 'APE2', location: 'Asia Pacific (Taipei)' }],
  ['ap-northeast-1', { prefix: 'APN1', location: 'Asia Pacific (Tokyo)' }],
  ['ap-northeast-2', { prefix: 'APN2', location: 'Asia Pacific (Seoul)' }],
  ['ap-northeast-3', { prefix: 'APN3', location: 'Asia Pacific (Osaka)' }],
  ['ap-south-1', { prefix: 'APS3', location: 'Asia Pacific (Mumbai)' }],
  ['ap-south-2', { prefix: 'APS5', location: 'Asia Pacific (Hyderabad)' }],
  ['ap-southeast-1', { prefix: 'APS1', location: 'Asia Pacific (Singapore)' }],
  ['ap-southeast-2', { prefix: 'APS2', location: 'Asia Pacific (Sydney)' }],
  ['ap-southeast-3', { prefix: 'APS4', location: 'Asia Pacific (Jakarta)' }],
  ['ap-southeast-4', { prefix: 'APS6', location: 'Asia Pacific (Melbourne)' }],
  ['ap-southeast-5', { prefix: 'APS7', location: 'Asia Pacific (Malaysia)' }],
  ['ap-southeast-6', { prefix: 'APS8', location: 'Asia Pacific (New Zealand)' }],
  ['ap-southeast-7', { prefix: 'APS9', location: 'Asia Pacific (Thailand)' }],
  ['il-central-1', { prefix: 'ILC1', location: 'Israel (Tel Aviv)' }],
  ['me-central-1', { prefix: 'MEC1', location: 'Middle East (UAE)' }],
  ['me-south-1', { prefix: 'MES1', location: 'Middle East (Bahrain)' }],
  ['af-south-1', { prefix: 'AFS1', location: 'Africa (Cape Town)' }],
]);

/** Codes of all regions that bills know: `us-east-1`. */
export const BILLING_REGIONS: ReadonlySet<string> = new Set(REGIONS.keys());

/** A region that the table does not know is written as it is: unknown is named, not guessed. */
export function billingRegion(region: string): BillingRegion {
  return REGIONS.get(region) ?? { prefix: region, location: region };
}

/** Prefixes that are also seen, beside those that are written. */
const PREFIX_ALIASES: readonly (readonly [prefix: string, region: string])[] = [
  ['EUW1', 'eu-west-1'],
  ['API1', 'ap-south-1'],
];

const REGION_OF_PREFIX: ReadonlyMap<string, string> = new Map([
  ...[...REGIONS].map(([region, { prefix }]) => [prefix, region] as const),
  ...PREFIX_ALIASES,
]);

/** The region of a usage type's prefix; undefined for one that is none. */
export function regionOfPrefix(prefix: string): string | undefined {
  return REGION_OF_PREFIX.get(prefix);
}
