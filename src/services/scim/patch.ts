import { Fault } from '../../kernel/fault.ts';
import { type Attributes, attributeOf, attributesOf } from './attributes.ts';

/** One operation of a PATCH (RFC 7644, 3.5.2); names in any letter case, as Entra sends `Replace`. */
interface PatchOperation {
  readonly op: 'add' | 'replace' | 'remove';
  readonly path?: string;
  readonly value?: unknown;
}

const OPERATIONS_MAX = 1_000;
/** `members[value eq "2819c223"]` */
const ONE_MEMBER = /^members\[value eq "([^"]+)"\]$/i;

/** What a PATCH says of attributes: the last operation on each counts. */
export function patchedAttributes(body: unknown): Attributes {
  const parts = operationsOf(body).flatMap(({ op, path, value }) => {
    if (path !== undefined && /^members\b/i.test(path)) return [];
    if (op === 'remove') return path === undefined ? [] : [attributeOf(path, null)];
    return [path === undefined ? attributesOf((value ?? {}) as Record<string, unknown>) : attributeOf(path, value)];
  });
  return Object.assign({}, ...parts) as Attributes;
}

/** What a PATCH makes of a group's members. */
export function patchedMembers(body: unknown, present: readonly string[]): readonly string[] {
  const members = new Set(present);
  for (const { op, path, value } of operationsOf(body)) {
    const one = path === undefined ? undefined : ONE_MEMBER.exec(path)?.[1];
    if (one !== undefined) {
      if (op === 'remove') members.delete(one);
      continue;
    }
    const named = path === undefined ? (value as { readonly members?: unknown } | undefined)?.members : value;
    if (path !== undefined ? path.toLowerCase() !== 'members' : named === undefined) continue;
    // What is replaced, and a removal that names nobody, begins with nobody.
    if (op === 'replace' || (op === 'remove' && named === undefined)) members.clear();
    for (const id of memberIds(named)) op === 'remove' ? members.delete(id) : members.add(id);
  }
  return [...members];
}

/** `[{"value": "2819c223"}]`; absent: nobody. */
export function memberIds(value: unknown): string[] {
  if (value === undefined || value === null) return [];
  const list = Array.isArray(value) ? value : [value];
  const ids = list.map((one) => (one as { readonly value?: unknown } | null)?.value);
  if (ids.every((id) => typeof id === 'string')) return [...new Set(ids)];
  throw new Fault('ValidationException', '`members` must be a list of `{"value": ID}`');
}

function operationsOf(body: unknown): PatchOperation[] {
  const { Operations } = (body ?? {}) as { readonly Operations?: unknown };
  if (!Array.isArray(Operations) || Operations.length > OPERATIONS_MAX) {
    throw new Fault('ValidationException', `\`Operations\` must be a list of up to ${OPERATIONS_MAX}`);
  }
  return Operations.map((one): PatchOperation => {
    const { op, path, value } = (one ?? {}) as Record<string, unknown>;
    const verb = String(op).toLowerCase();
    if (verb !== 'add' && verb !== 'replace' && verb !== 'remove') {
      throw new Fault(
        'ValidationException',
        `\`${String(op).slice(0, 64)}\` is no operation; use add, replace or remove`,
      );
    }
    if (path !== undefined && typeof path !== 'string') throw new Fault('ValidationException', '`path` must be text');
    return { op: verb, value, ...(path !== undefined && { path }) };
  });
}
