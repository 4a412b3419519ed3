import { createHash } from 'node:crypto';
import { Fault } from '../../kernel/fault.ts';

/**
 * Tokens carry where the last page ended and a digest of the request, and nothing is kept between pages. They are not
 * secret: the request is checked and filtered anew for every page.
 */
export class PageTokens {
  readonly #request: string;

  /** `input` without its token, and whose request it is. */
  constructor(operation: string, accountId: string, input: object) {
    const { NextPageToken: _page, NextToken: _next, ...rest } = input as Record<string, unknown>;
    this.#request = createHash('sha256')
      .update(canonical([operation, accountId, rest]))
      .digest('base64url');
  }

  /** Where the next page begins: behind `after`, which is plain JSON. */
  write(after: unknown): string {
    return Buffer.from(JSON.stringify([this.#request, after])).toString('base64url');
  }

  /** Undefined for the first page. Throws InvalidNextTokenException and RequestChangedException. */
  read<After>(token: string | undefined, isAfter: (value: unknown) => value is After): After | undefined {
    if (token === undefined) return undefined;
    const [request, after] = parse(token);
    if (typeof request !== 'string' || !isAfter(after)) throw invalidToken();
    if (request !== this.#request) {
      throw new Fault(
        'RequestChangedException',
        'Your request parameters changed between pages. Try again with the old parameters or without a pagination token.',
      );
    }
    return after;
  }
}

/** Of a list in order: the values behind `after`, at most `limit` of them, and whether more follow. */
export function pageBehind(
  values: readonly string[],
  after: string | undefined,
  limit: number,
): { readonly page: readonly string[]; readonly last?: string } {
  const start = after === undefined ? 0 : values.findIndex((value) => value > after);
  const page = start === -1 ? [] : values.slice(start, start + limit);
  const isLast = start === -1 || start + page.length === values.length;
  return isLast ? { page } : { page, last: page.at(-1)! };
}

export function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function parse(token: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(token, 'base64url').toString());
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}

/** JSON with members in name order: clients may send the same request in another order. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (part === null || typeof part !== 'object' || Array.isArray(part)) return part;
    return Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1));
  });
}

function invalidToken(): Fault {
  return new Fault(
    'InvalidNextTokenException',
    'The pagination token is invalid. Try again without a pagination token.',
  );
}
