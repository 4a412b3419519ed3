/** A JSON object as parsed: nothing is known of its values. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** The longest policy text IAM's API model accepts (botocore 1.43, `policyDocumentType`), in UTF-16 code units. */
const MAX_TEXT_LENGTH = 131_072;

/** Strings and punctuation: all that matters for finding the keys of JSON that is known to be well-formed. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}:]/g;

export function isJsonObject(json: unknown): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

/** Undefined when the text is too long, is not a JSON object, or has an object that holds a key twice. */
export function parseJsonObject(text: string): JsonObject | undefined {
  if (text.length > MAX_TEXT_LENGTH) return undefined;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isJsonObject(json) && !hasDuplicateKeys(text) ? json : undefined;
}

/** `JSON.parse` keeps the last of two equal keys, so that a condition could vanish without a word. */
function hasDuplicateKeys(text: string): boolean {
  const open: Set<string>[] = [];
  let previous = '';
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === '{') open.push(new Set());
    else if (token === '}') open.pop();
    else if (token === ':') {
      const keys = open.at(-1)!;
      const key = JSON.parse(previous) as string;
      if (keys.has(key)) return true;
      keys.add(key);
    }
    previous = token;
  }
  return false;
}
