import type { Application } from './company.ts';
import { CACHE_COLLAPSE_DAYS, PILOT_DAYS } from './timeline.ts';
import { CUSTOMERS, isAdopted, MODELS, NIGHT, near, OFFICE, type Workload } from './workload.ts';

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

/** What an application calls. */
export function applicationWork(application: Application): Workload {
  const { name } = application;
  const userAgent = `${name}/1.6 aws-sdk-java/2.41.0`;
  return { name, application, ...DEFAULTS, userAgent, ...APPLICATION_WORK[name]! };
}
