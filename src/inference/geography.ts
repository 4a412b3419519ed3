/** A group of regions that a geographic inference profile stays in. */
interface Geography {
  /** First word of the profile's name: `US Anthropic Claude Sonnet 4.6`. */
  readonly name: string;
  /** Regions from which the profile may be called. */
  readonly sourceRegions: readonly string[];
  /** Regions that serve it, besides the caller's own. */
  readonly destinationRegions: readonly string[];
}

const EU_DESTINATIONS = ['eu-central-1', 'eu-north-1', 'eu-south-1', 'eu-south-2', 'eu-west-1', 'eu-west-3'];
const APAC_DESTINATIONS = [
  'ap-northeast-1',
  'ap-northeast-2',
  'ap-northeast-3',
  'ap-south-1',
  'ap-south-2',
  'ap-southeast-1',
  'ap-southeast-2',
];

/**
 * Profile prefixes and their regions: the union over models of the source regions on the Bedrock model cards as read
 * 2026-09, and the destinations that GetInferenceProfile named. AWS draws the lines per model; we draw them once.
 */
const GEOGRAPHIES: ReadonlyMap<string, Geography> = new Map([
  [
    'us',
    {
      name: 'US',
      sourceRegions: ['us-east-1', 'us-east-2', 'us-west-1', 'us-west-2', 'ca-central-1', 'ca-west-1'],
      destinationRegions: ['us-east-1', 'us-east-2', 'us-west-2'],
    },
  ],
  [
    'eu',
    {
      name: 'EU',
      sourceRegions: [...EU_DESTINATIONS, 'eu-west-2', 'eu-central-2', 'il-central-1'],
      destinationRegions: EU_DESTINATIONS,
    },
  ],
  [
    'apac',
    {
      name: 'APAC',
      sourceRegions: [...APAC_DESTINATIONS, 'ap-southeast-4', 'me-central-1'],
      destinationRegions: APAC_DESTINATIONS,
    },
  ],
  ['jp', regionalGeography('JP', ['ap-northeast-1', 'ap-northeast-3'])],
  [
    'au',
    {
      name: 'AU',
      sourceRegions: ['ap-southeast-2', 'ap-southeast-4', 'ap-southeast-6'],
      destinationRegions: ['ap-southeast-2', 'ap-southeast-4'],
    },
  ],
  ['ca', regionalGeography('CA', ['ca-central-1', 'ca-west-1'])],
  ['in', regionalGeography('IN', ['ap-south-1', 'ap-south-2'])],
]);

function regionalGeography(name: string, regions: readonly string[]): Geography {
  return { name, sourceRegions: regions, destinationRegions: regions };
}

/** Undefined for a prefix that is none, `global` included. */
export function geographyOf(prefix: string): Geography | undefined {
  return GEOGRAPHIES.get(prefix);
}
