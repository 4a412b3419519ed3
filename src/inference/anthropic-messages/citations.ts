import { textsOf } from '../block-text.ts';
import { isJsonObject } from '../json-value.ts';
import type { JsonObject } from '../model-call.ts';

/** One kind of place in a source, in both languages: where it is called what, and which source, start and end it names. */
interface Place {
  readonly type: string;
  readonly index: string;
  readonly start: string;
  readonly end: string;
  readonly member: string;
  readonly memberIndex: string;
}

const PLACES: readonly Place[] = [
  place('char_location', 'start_char_index', 'end_char_index', 'documentChar'),
  place('page_location', 'start_page_number', 'end_page_number', 'documentPage'),
  place('content_block_location', 'start_block_index', 'end_block_index', 'documentChunk'),
  {
    ...place('search_result_location', 'start_block_index', 'end_block_index', 'searchResultLocation'),
    ...{ index: 'search_result_index', memberIndex: 'searchResultIndex' },
  },
];

function place(type: string, start: string, end: string, member: string): Place {
  return { type, index: 'document_index', start, end, member, memberIndex: 'documentIndex' };
}

/** Converse's citation for one of Anthropic's; a place of a kind that Converse does not have is left out. */
export function readCitation(citation: JsonObject): JsonObject {
  const { type, cited_text, url, source } = citation;
  const title = citation.document_title ?? citation.title;
  const found = PLACES.find((one) => one.type === type);
  return {
    ...(typeof title === 'string' && { title }),
    ...(typeof source === 'string' && { source }),
    sourceContent: [{ text: cited_text ?? '' }],
    ...(typeof url === 'string' && { location: { web: { url } } }),
    ...(found && {
      location: {
        [found.member]: {
          [found.memberIndex]: citation[found.index] ?? 0,
          start: citation[found.start] ?? 0,
          end: citation[found.end] ?? 0,
        },
      },
    }),
  };
}

/** Anthropic's citation for one of Converse's; undefined where it names no place in a source. */
export function writtenCitation({ title, source, sourceContent, location }: JsonObject): JsonObject | undefined {
  if (!isJsonObject(location)) return undefined;
  const found = PLACES.find(({ member }) => isJsonObject(location[member]));
  if (!found) return undefined;
  const place = location[found.member] as JsonObject;
  const isDocument = found.index === 'document_index';
  return {
    type: found.type,
    cited_text: textsOf(sourceContent),
    [found.index]: place[found.memberIndex] ?? 0,
    [isDocument ? 'document_title' : 'title']: title ?? null,
    ...(!isDocument && { source: source ?? '' }),
    [found.start]: place.start ?? 0,
    [found.end]: place.end ?? 0,
  };
}
