import type { InferenceOperation } from '../../src/metering/usage-event.ts';
import { APPLICATIONS, type Application, PEOPLE, type Person, type Place, REGIONS } from './company.ts';
import { ADOPTION_DAYS, CACHE_COLLAPSE_DAYS, PILOT_DAYS } from './timeline.ts';

export const MODELS = {
  opus48: 'anthropic.claude-opus-4-8',
  opus46: 'anthropic.claude-opus-4-6-v1',
  sonnet46: 'anthropic.claude-sonnet-4-6',
  sonnet45: 'anthropic.claude-sonnet-4-5-20250929-v1:0',
  haiku: 'anthropic.claude-haiku-4-5-20251001-v1:0',
  novaLite: 'amazon.nova-lite-v1:0',
  llama: 'meta.llama3-3-70b-instruct-v1:0',
  gptOss: 'openai.gpt-oss-120b-1:0',
  embeddings: 'amazon.titan-embed-text-v2:0',
} as const;

/** How one kind of call of a workload looks. Functions are of the days before today. */
export interface CallShape {
  /** As callers name it. Absent: the application's inference profile. */
  readonly model?: string;
  readonly region: string;
  readonly operation: InferenceOperation;
  /** Share of the workload's calls, in proportion to those of the other shapes. */
  readonly weight: number | ((daysAgo: number) => number);
  /** Of everything that is read, cached or not: half of the calls read less. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Standard deviation of the logarithm of both. Absent: 0.5. */
  readonly spread?: number;
  /** Share of the input that is read from the cache. Absent: the model does not say. */
  readonly cacheRead?: number | ((daysAgo: number) => number);
  /** Share of the input that is written to the cache for five minutes. */
  readonly cacheWrite?: number;
  readonly isBatch?: boolean;
}

/** What hours of the local day calls come in, as weights of the hours from 0 to 23. */
export type Rhythm = readonly number[];

const OFFICE: Rhythm = [0, 0, 0, 0, 0, 0, 0, 1, 4, 9, 11, 10, 6, 8, 11, 10, 8, 5, 2, 1, 1, 1, 0, 0];
const CUSTOMERS: Rhythm = [1, 0.5, 0.3, 0.3, 0.5, 1, 3, 5, 7, 9, 10, 10, 10, 9, 9, 9, 9, 10, 11, 10, 8, 6, 4, 2];
const NIGHT: Rhythm = [0, 8, 10, 10, 5, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

export interface Workload {
  readonly name: string;
  /** One of the two is there. */
  readonly person?: Person;
  readonly application?: Application;
  readonly place: Place;
  readonly shapes: readonly CallShape[];
  /** On a usual working day at the end of the history. */
  readonly callsPerDay: number;
  readonly rhythm: Rhythm;
  /** Calls of a Saturday or Sunday as a share of a working day's. */
  readonly weekend: number;
  /** Factor over 30 days. */
  readonly growth: number;
  /** Share of calls that fail. */
  readonly failing: number;
  readonly userAgent: string;
}

const PREFIXES: Readonly<Record<Place, string>> = { berlin: 'eu', 'new-york': 'us' };

/** A model through the geographic profile of a place. */
function near(place: Place, model: string): Pick<CallShape, 'model' | 'region'> {
  return { model: `${PREFIXES[place]}.${model}`, region: REGIONS[place] };
}

const isAdopted = (daysAgo: number) => daysAgo <= ADOPTION_DAYS;

/** A turn of a coding agent: it reads much, nearly all of it from the cache. */
function agentTurns({ team, place, access }: Person): CallShape[] {
  const operation = access === 'gateway-key' ? 'Messages' : 'InvokeModelWithResponseStream';
  const turn = {
    operation,
    inputTokens: 160_000,
    outputTokens: 2_100,
    spread: 0.7,
    cacheRead: 0.86,
    cacheWrite: 0.08,
  } as const;
  const adopts = team === 'data-science';
  return [
    { ...turn, ...near(place, MODELS.sonnet46), weight: (ago) => (adopts && isAdopted(ago) ? 20 : 54) },
    {
      ...turn,
      ...near(place, MODELS.opus46),
      weight: (ago) => (adopts && isAdopted(ago) ? 6 : 38),
      inputTokens: 190_000,
    },
    { ...turn, ...near(place, MODELS.haiku), weight: 8, inputTokens: 24_000, outputTokens: 500 },
    ...(adopts
      ? [
          {
            ...turn,
            ...near(place, MODELS.opus48),
            weight: (ago: number) => (isAdopted(ago) ? 62 : 0),
            inputTokens: 200_000,
          },
        ]
      : []),
  ];
}

const AGENTS: Readonly<Record<Person['access'], string>> = {
  'sign-in': 'coding-agent/2.4 aws-sdk-js/3.1164.0',
  'access-key': 'coding-agent/2.4 aws-sdk-js/3.1164.0',
  'gateway-key': 'coding-agent/2.4 anthropic-sdk/1.14.0',
  'bedrock-key': 'editor-plugin/1.9 aws-sdk-js/3.1164.0',
};
/** Turns per call of `company.ts`: people work in bursts. */
const TURNS = 1.8;

function agentWork(person: Person): Workload {
  return {
    ...{ name: person.name, person, place: person.place, shapes: agentTurns(person) },
    ...{ callsPerDay: person.callsPerDay * TURNS, rhythm: OFFICE, weekend: 0.07, growth: 1.35, failing: 0.008 },
    userAgent: AGENTS[person.access],
  };
}

type ApplicationWork = Pick<Workload, 'place' | 'shapes' | 'callsPerDay'> & Partial<Workload>;

const chat = { operation: 'ConverseStream' } as const;
const answer = { operation: 'Converse' } as const;
const record = { operation: 'ModelInvocationJob', isBatch: true } as const;

const APPLICATION_WORK: Readonly<Record<string, ApplicationWork>> = {
  'support-chat': {
    ...{ place: 'berlin', callsPerDay: 540, growth: 1.15 },
    shapes: [
      {
        ...chat,
        region: 'eu-central-1',
        weight: 1,
        inputTokens: 36_000,
        outputTokens: 620,
        cacheRead: 0.7,
        cacheWrite: 0.05,
      },
    ],
  },
  'agent-assist': {
    ...{ place: 'new-york', callsPerDay: 170, weekend: 0.4 },
    shapes: [
      {
        ...chat,
        ...near('new-york', MODELS.haiku),
        weight: 8,
        inputTokens: 12_000,
        outputTokens: 420,
        cacheRead: 0.4,
        cacheWrite: 0.1,
      },
      { ...answer, model: MODELS.novaLite, region: 'us-east-1', weight: 2, inputTokens: 6_000, outputTokens: 200 },
    ],
  },
  'docs-search': {
    ...{ place: 'berlin', callsPerDay: 310, weekend: 0.35, growth: 1.1, userAgent: 'docs-search/5.1 Boto3/1.40.2' },
    shapes: [
      {
        ...{
          ...answer,
          ...near('berlin', MODELS.sonnet46),
          weight: 8,
          inputTokens: 38_000,
          outputTokens: 520,
          spread: 0.35,
        },
        cacheRead: (ago) => (ago <= CACHE_COLLAPSE_DAYS ? 0.02 : 0.83),
        cacheWrite: 0.05,
      },
      { ...answer, ...near('berlin', MODELS.haiku), weight: 2, inputTokens: 4_000, outputTokens: 90 },
    ],
  },
  'catalog-enrichment': {
    ...{ place: 'berlin', callsPerDay: 140, rhythm: NIGHT, weekend: 0.6, failing: 0.002 },
    shapes: [
      { ...record, ...near('berlin', MODELS.haiku), weight: 7, inputTokens: 9_000, outputTokens: 1_400 },
      { ...record, ...near('berlin', MODELS.novaLite), weight: 3, inputTokens: 7_000, outputTokens: 900 },
    ],
  },
  'embeddings-indexer': {
    ...{ place: 'new-york', callsPerDay: 90, rhythm: NIGHT, weekend: 1, growth: 1.05 },
    shapes: [
      {
        operation: 'InvokeModel',
        model: MODELS.embeddings,
        region: 'us-east-1',
        weight: 8,
        inputTokens: 90_000,
        outputTokens: 0,
      },
      {
        ...{ operation: 'InvokeModel', model: MODELS.embeddings, region: 'eu-central-1' },
        ...{ weight: (ago) => (ago <= PILOT_DAYS ? 2 : 0), inputTokens: 60_000, outputTokens: 0 },
      },
    ],
  },
  'contract-review': {
    ...{ place: 'new-york', callsPerDay: 30, rhythm: OFFICE, weekend: 0 },
    shapes: [
      {
        ...answer,
        ...near('new-york', MODELS.sonnet45),
        weight: 1,
        inputTokens: 210_000,
        outputTokens: 4_000,
        spread: 0.4,
        cacheRead: 0.08,
        cacheWrite: 0.02,
      },
    ],
  },
  'fraud-notes': {
    ...{ place: 'new-york', callsPerDay: 180, weekend: 1.1, growth: 1.05 },
    shapes: [
      {
        ...answer,
        region: 'us-east-1',
        weight: 1,
        inputTokens: 9_000,
        outputTokens: 380,
        cacheRead: 0.3,
        cacheWrite: 0.05,
      },
    ],
  },
  'ci-reviewer': {
    ...{
      place: 'berlin',
      callsPerDay: 110,
      rhythm: OFFICE,
      weekend: 0.05,
      userAgent: 'ci-reviewer/3.2 aws-sdk-js/3.1164.0',
    },
    shapes: [
      {
        ...answer,
        ...near('berlin', MODELS.sonnet46),
        weight: 1,
        inputTokens: 42_000,
        outputTokens: 1_400,
        cacheRead: 0.45,
        cacheWrite: 0.1,
      },
    ],
  },
  'tenant-assistant': {
    ...{ place: 'new-york', callsPerDay: 270, weekend: 0.5, growth: 1.4 },
    shapes: [
      {
        ...answer,
        model: `us.${MODELS.llama}`,
        region: 'us-east-1',
        weight: 6,
        inputTokens: 46_000,
        outputTokens: 700,
      },
      {
        ...chat,
        model: `global.${MODELS.sonnet46}`,
        region: 'us-east-1',
        weight: 4,
        inputTokens: 15_000,
        outputTokens: 600,
        cacheRead: 0.5,
        cacheWrite: 0.08,
      },
    ],
  },
  'research-notebooks': {
    ...{ place: 'new-york', callsPerDay: 80, rhythm: OFFICE, weekend: 0.2, userAgent: 'notebooks/0.8 Boto3/1.40.2' },
    shapes: [
      {
        ...chat,
        ...near('new-york', MODELS.opus46),
        weight: (ago) => (isAdopted(ago) ? 15 : 60),
        inputTokens: 80_000,
        outputTokens: 2_800,
        cacheRead: 0.35,
        cacheWrite: 0.1,
      },
      {
        ...chat,
        ...near('new-york', MODELS.sonnet46),
        weight: (ago) => (isAdopted(ago) ? 15 : 40),
        inputTokens: 80_000,
        outputTokens: 2_500,
        cacheRead: 0.35,
        cacheWrite: 0.1,
      },
      {
        ...chat,
        ...near('new-york', MODELS.opus48),
        weight: (ago) => (isAdopted(ago) ? 70 : 0),
        inputTokens: 95_000,
        outputTokens: 3_400,
        cacheRead: 0.3,
        cacheWrite: 0.1,
      },
    ],
  },
  'campaign-writer': {
    ...{
      place: 'new-york',
      callsPerDay: 110,
      rhythm: OFFICE,
      weekend: 0.15,
      growth: 1.5,
      userAgent: 'openai-python/2.8.0',
    },
    shapes: [
      {
        operation: 'ChatCompletions',
        model: MODELS.gptOss,
        region: 'us-east-1',
        weight: 5,
        inputTokens: 9_000,
        outputTokens: 1_900,
      },
      {
        operation: 'ChatCompletions',
        model: `us.${MODELS.llama}`,
        region: 'us-east-1',
        weight: 3,
        inputTokens: 9_000,
        outputTokens: 1_600,
      },
      { ...answer, ...near('new-york', MODELS.sonnet46), weight: 2, inputTokens: 14_000, outputTokens: 2_200 },
    ],
  },
};

const DEFAULTS = { rhythm: CUSTOMERS, weekend: 0.75, growth: 1.2, failing: 0.006 } as const;

/** Everything that calls models day by day. */
export const WORKLOADS: readonly Workload[] = [
  ...PEOPLE.map(agentWork),
  ...APPLICATIONS.map((application) => {
    const work = {
      ...DEFAULTS,
      userAgent: `${application.name}/1.6 aws-sdk-java/2.41.0`,
      ...APPLICATION_WORK[application.name]!,
    };
    return { name: application.name, application, ...work };
  }),
];
