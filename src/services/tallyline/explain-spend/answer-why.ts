import { UTC } from '../../../kernel/time-zone.ts';
import type { CallDeps } from '../../../paths/call-path.ts';
import { explainSpend, type WhyQuestion } from '../../../paths/why-path.ts';
import { wireWhy } from './wire-why.ts';

/** The answer of ExplainSpend, but for the periods. */
export type WhyAnswer = ReturnType<typeof wireWhy>;

/** Asks the store and words what it says. Much computing: a server leaves it to a thread. Throws as `explainSpend` does. */
export async function answerWhy(question: WhyQuestion, deps: CallDeps): Promise<WhyAnswer> {
  return wireWhy(await explainSpend(question, deps), question.zone ?? UTC, deps.prices);
}
