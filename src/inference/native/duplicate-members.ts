const [QUOTE, BACKSLASH, COLON, OPEN, CLOSE] = ['"', '\\', ':', '{', '}'].map((one) => one.charCodeAt(0)) as [
  number,
  number,
  number,
  number,
  number,
];

/**
 * True where an object in a JSON text, whether at the top or within, has a member twice. Readers differ in which of them
 * counts: whoever reads such a text and hands it on as it came may have read something else than whoever gets it. The text
 * has to be valid JSON.
 */
export function hasDuplicateMembers(json: Buffer): boolean {
  /** Names in the objects that are open at a place, outermost first. */
  const open: Set<string>[] = [];
  for (let at = 0; at < json.length; at++) {
    const byte = json[at];
    if (byte === OPEN) open.push(new Set());
    else if (byte === CLOSE) open.pop();
    else if (byte === QUOTE) {
      const end = endOfString(json, at);
      if (isName(json, end)) {
        const name = nameOf(json, at, end);
        const names = open.at(-1)!;
        if (names.has(name)) return true;
        names.add(name);
      }
      at = end;
    }
  }
  return false;
}

/** Place of the quote that ends a string. */
function endOfString(json: Buffer, start: number): number {
  let end = json.indexOf(QUOTE, start + 1);
  while (isEscaped(json, end)) end = json.indexOf(QUOTE, end + 1);
  return end;
}

/** After an odd number of backslashes. */
function isEscaped(json: Buffer, at: number): boolean {
  let first = at;
  while (json[first - 1] === BACKSLASH) first -= 1;
  return (at - first) % 2 === 1;
}

/** A colon follows, after any white space. */
function isName(json: Buffer, end: number): boolean {
  let next = end + 1;
  while (json[next]! <= 0x20) next += 1;
  return json[next] === COLON;
}

function nameOf(json: Buffer, start: number, end: number): string {
  const text = json.toString('utf8', start + 1, end);
  return text.includes('\\') ? (JSON.parse(`"${text}"`) as string) : text;
}
