import { type TimeZone, timeZoneOf, UTC } from '../../kernel/time-zone.ts';
import type { OperationCall } from '../../paths/operation-handler.ts';
import {
  EXTENSION_DIMENSIONS,
  FILTER_DIMENSIONS,
  GROUP_DIMENSIONS,
  RESOURCE_DIMENSION,
} from '../../reports/cost-dimension.ts';
import { COST_GRAMMAR, type ExpressionGrammar } from '../../reports/cost-expression.ts';
import { asksForExtensions } from '../../wire/extensions.ts';
import { invalid } from './invalid.ts';

/** IANA name of the zone of a request's dates and an answer's buckets; one of the extensions. */
const TIME_ZONE_HEADER = 'x-tallyline-time-zone';

/** AWS's number, and the reports'. */
const MAX_GROUPS = { aws: 2, extended: 4 };

/** What one request may name, and whose days its dates are. */
export interface Vocabulary {
  readonly groupDimensions: readonly string[];
  readonly maxGroups: number;
  readonly grammar: ExpressionGrammar;
  readonly zone: TimeZone;
}

export interface VocabularyOptions {
  /** True where the installation offers what AWS does not have. */
  readonly hasExtensions: boolean;
  /** True where resources can be told apart. */
  readonly hasResources?: boolean;
}

/** AWS's words, and ours for a request that asks for extensions. Throws ValidationException where they are switched off. */
export function vocabularyOf(
  { request }: OperationCall<unknown>,
  { hasExtensions, hasResources = false }: VocabularyOptions,
): Vocabulary {
  const isExtended = asksForExtensions(request);
  if (isExtended && !hasExtensions) {
    throw invalid('Extensions of Cost Explorer are switched off. Set costExplorer.extensions in the configuration.');
  }
  const more = [...(hasResources ? [RESOURCE_DIMENSION] : []), ...(isExtended ? EXTENSION_DIMENSIONS : [])];
  const grammar = { ...COST_GRAMMAR, dimensions: [...FILTER_DIMENSIONS, ...more] };
  return {
    groupDimensions: [...GROUP_DIMENSIONS, ...more],
    maxGroups: isExtended ? MAX_GROUPS.extended : MAX_GROUPS.aws,
    grammar,
    zone: isExtended ? zoneOf(request.headers[TIME_ZONE_HEADER]) : UTC,
  };
}

function zoneOf(name = UTC.name): TimeZone {
  const zone = timeZoneOf(name);
  if (!zone) throw invalid(`Time zone ${name} is invalid. Valid values are IANA names such as Europe/Berlin`);
  return zone;
}
