import type { CostExpression } from '../../allocation/cost-expression.ts';
import { invalid } from './invalid.ts';

/** Product attributes are Bedrock's alone: its services of models from Amazon, sold by AWS, and sold through Marketplace. */
const BEDROCK_SERVICE = /^Amazon Bedrock|\(Amazon Bedrock Edition\)$/;

/**
 * Throws ValidationException where a request with product attributes names its services in a way that AWS refuses: in part of
 * the request, inside Not, another service, or none where one is needed (`needsService`). AWS's words are not published.
 */
export function checkProductAttributes(
  filter: CostExpression | undefined,
  { isGrouped = false, needsService = false }: { isGrouped?: boolean; needsService?: boolean },
): void {
  const leaves = filter ? [...leavesOf(filter, true)] : [];
  if (!isGrouped && !leaves.some(({ part }) => part.ProductAttributes)) return;
  const services = leaves.filter(({ part }) => part.Dimensions?.Key === 'SERVICE');
  if (needsService && services.length === 0) {
    throw invalid('A SERVICE filter is required when the filter has ProductAttributes.');
  }
  for (const { part, isWhole } of services) {
    if (!isWhole) {
      throw invalid('A SERVICE filter must apply to the whole request when the request has ProductAttributes.');
    }
    const stray = part.Dimensions!.Values?.find((value) => !BEDROCK_SERVICE.test(value));
    if (stray !== undefined) throw invalid(`ProductAttributes are not supported for the service ${stray}.`);
  }
}

/** The leaves of an expression, and whether each must hold for everything that the expression lets through. */
function* leavesOf(part: CostExpression, isWhole: boolean): Generator<{ part: CostExpression; isWhole: boolean }> {
  if (part.And) for (const operand of part.And) yield* leavesOf(operand, isWhole);
  else if (part.Or) for (const operand of part.Or) yield* leavesOf(operand, false);
  else if (part.Not) yield* leavesOf(part.Not, false);
  else yield { part, isWhole };
}
