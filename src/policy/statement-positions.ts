/** A place in a policy's text. Both count from 1. */
export interface TextPosition {
  readonly line: number;
  readonly column: number;
}

export interface StatementPosition {
  readonly start: TextPosition;
  readonly end: TextPosition;
}

const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]:,]/g;

/**
 * Where each statement of a well-formed policy stands, in the way that IAM's policy simulator counts: from behind the
 * bracket or comma before a statement (behind its own brace when there is no list) to behind its closing brace
 * (worked out from answers of AWS that were published, 2026-11).
 */
export function statementPositions(text: string): StatementPosition[] {
  const positions: StatementPosition[] = [];
  const positionOf = positionsIn(text);
  let depth = 0;
  let key = '';
  let previous = '';
  /** Depth of the statements' braces; 0 outside of the Statement element. */
  let statementDepth = 0;
  let start = 0;
  for (const match of text.matchAll(TOKEN)) {
    const [token] = match;
    const after = match.index + token.length;
    const isStatementValue = depth === 1 && key === 'Statement' && previous === ':';
    if (token === '{' || token === '[') {
      depth++;
      if (isStatementValue) {
        statementDepth = token === '{' ? 2 : 3;
        start = after;
      }
    } else if (token === '}' || token === ']') {
      if (token === '}' && statementDepth > 0 && depth === statementDepth) {
        positions.push({ start: positionOf(start), end: positionOf(after) });
      }
      depth--;
      if (depth === 1) statementDepth = 0;
    } else if (token === ',' && statementDepth === 3 && depth === 2) {
      start = after;
    } else if (token === ':' && depth === 1) {
      key = JSON.parse(previous) as string;
    }
    previous = token;
  }
  return positions;
}

function positionsIn(text: string): (offset: number) => TextPosition {
  const lineStarts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  return (offset) => {
    const next = lineStarts.findIndex((start) => start > offset);
    const line = next < 0 ? lineStarts.length : next;
    return { line, column: offset - lineStarts[line - 1]! + 1 };
  };
}
