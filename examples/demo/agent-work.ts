import type { Person } from './company.ts';
import { type CallShape, isAdopted, MODELS, near, OFFICE, type Workload } from './workload.ts';

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

/** What a person calls. */
export function agentWork(person: Person): Workload {
  return {
    ...{ name: person.name, person, place: person.place, shapes: agentTurns(person) },
    ...{ callsPerDay: person.callsPerDay * TURNS, rhythm: OFFICE, weekend: 0.07, growth: 1.35, failing: 0.008 },
    userAgent: AGENTS[person.access],
  };
}
