import { guardrailUnits, guardrailUsageBlock, textUnits, type Units } from '../../inference/guardrail-usage.ts';
import type { JsonObject } from '../../inference/model-call.ts';
import { Fault } from '../../kernel/fault.ts';

/** A small guardrail: every list is a policy, an absent one is not applied and not counted. */
export interface SimulatedGuardrail {
  /** Words that block, whatever their letter case. */
  readonly deniedWords?: readonly string[];
  /** Topics that block, each known by its phrases. */
  readonly deniedTopics?: readonly { readonly name: string; readonly phrases: readonly string[] }[];
  /** Phrases that block as the content filter for hate. */
  readonly hate?: readonly string[];
  /** Entities that are masked. */
  readonly pii?: readonly PiiType[];
  /** Regular expressions whose matches are masked; a policy that costs nothing. */
  readonly regexes?: readonly { readonly name: string; readonly pattern: string }[];
  readonly blockedInputMessage?: string;
  readonly blockedOutputMessage?: string;
}

export type Guardrails = Readonly<Record<string, SimulatedGuardrail>>;

type PiiType = 'EMAIL' | 'PHONE';

const PII: Readonly<Record<PiiType, RegExp>> = {
  EMAIL: /[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}/g,
  PHONE: /\+?\d[\d ()-]{6,18}\d/g,
};

const BLOCKED = 'Sorry, the model cannot answer this question.';

export interface Applied {
  readonly isBlocked: boolean;
  readonly isMasked: boolean;
  /** The texts with what was masked; the guardrail's own message where it blocks. */
  readonly texts: readonly string[];
  readonly units: Units;
  /** In AWS's words, with what it counted. */
  readonly assessment: JsonObject;
}

/** Throws ConfigInvalid for a regular expression that is none. */
export function checkGuardrails(guardrails: Guardrails): void {
  for (const [id, { regexes = [] }] of Object.entries(guardrails)) {
    for (const { pattern } of regexes) {
      try {
        new RegExp(pattern);
      } catch {
        throw new Fault('ConfigInvalid', `\`${pattern}\` of the guardrail \`${id}\` is no regular expression`);
      }
    }
  }
}

/** Throws as Bedrock for a guardrail that is not configured; the words are those of public reports (2026-11). */
export function guardrailNamed(guardrails: Guardrails, identifier: string): SimulatedGuardrail {
  const id = identifier.slice(identifier.lastIndexOf('/') + 1);
  if (Object.hasOwn(guardrails, id)) return guardrails[id]!;
  throw new Fault(
    'ValidationException',
    'The guardrail identifier or version provided in the request does not exist. Provide a valid guardrail identifier and version.',
  );
}

/** Looks at texts that belong together: their characters are counted together. */
export function applyGuardrail(
  guardrail: SimulatedGuardrail,
  texts: readonly string[],
  source: 'INPUT' | 'OUTPUT',
): Applied {
  const { deniedWords, deniedTopics, hate, pii, regexes } = guardrail;
  const all = texts.join('\n').toLowerCase();
  const has = (phrase: string) => all.includes(phrase.toLowerCase());
  const words = deniedWords?.filter(has) ?? [];
  const topics = deniedTopics?.filter(({ phrases }) => phrases.some(has)) ?? [];
  const hateful = hate?.some(has) ?? false;
  const masked = maskedTexts(texts, guardrail);
  const isBlocked = words.length > 0 || topics.length > 0 || hateful;
  const characters = texts.reduce((sum, text) => sum + text.length, 0);
  const units = unitsOf(guardrail, textUnits(characters));
  const { blockedInputMessage = BLOCKED, blockedOutputMessage = BLOCKED } = guardrail;
  const message = source === 'INPUT' ? blockedInputMessage : blockedOutputMessage;
  return {
    isBlocked,
    isMasked: masked.found.length > 0,
    texts: isBlocked ? [message] : masked.texts,
    units,
    assessment: {
      ...(topics.length > 0 && {
        topicPolicy: { topics: topics.map(({ name }) => ({ name, type: 'DENY', action: 'BLOCKED', detected: true })) },
      }),
      ...(hateful && {
        contentPolicy: { filters: [{ type: 'HATE', confidence: 'HIGH', action: 'BLOCKED', detected: true }] },
      }),
      ...(words.length > 0 && {
        wordPolicy: {
          customWords: words.map((match) => ({ match, action: 'BLOCKED', detected: true })),
          managedWordLists: [],
        },
      }),
      ...((pii || regexes) &&
        masked.found.length > 0 && {
          sensitiveInformationPolicy: {
            piiEntities: masked.found.filter(({ type }) => type !== undefined),
            regexes: masked.found.filter(({ name }) => name !== undefined),
          },
        }),
      invocationMetrics: {
        guardrailProcessingLatency: 0,
        usage: guardrailUsageBlock(units),
        guardrailCoverage: { textCharacters: { guarded: characters, total: characters } },
      },
    },
  };
}

/** Of every policy that is configured as many as the text has. */
function unitsOf({ deniedWords, deniedTopics, hate, pii, regexes }: SimulatedGuardrail, count: number): Units {
  const usage = {
    ...(deniedTopics && { topicPolicyUnits: count }),
    ...(hate && { contentPolicyUnits: count }),
    ...(deniedWords && { wordPolicyUnits: count }),
    ...(pii && { sensitiveInformationPolicyUnits: count }),
    ...(regexes && { sensitiveInformationPolicyFreeUnits: count }),
  };
  return guardrailUnits([usage]) ?? {};
}

function maskedTexts(
  texts: readonly string[],
  { pii = [], regexes = [] }: SimulatedGuardrail,
): { readonly texts: readonly string[]; readonly found: readonly JsonObject[] } {
  const found: JsonObject[] = [];
  const mask = (text: string, expression: RegExp, label: string, kind: JsonObject) =>
    text.replace(expression, (match) => {
      found.push({ ...kind, match, action: 'ANONYMIZED', detected: true });
      return `{${label}}`;
    });
  const written = texts.map((text) => {
    const withoutPii = pii.reduce((left, type) => mask(left, PII[type], type, { type }), text);
    return regexes.reduce(
      (left, { name, pattern }) => mask(left, new RegExp(pattern, 'g'), name, { name, regex: pattern }),
      withoutPii,
    );
  });
  return { texts: written, found };
}
