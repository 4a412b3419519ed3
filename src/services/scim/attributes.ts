import { Fault } from '../../kernel/fault.ts';
import { SCIM_SCHEMAS } from './resource.ts';

/** Attributes of a user or group as they are changed; null takes one away. */
export interface Attributes {
  readonly userName?: string;
  readonly displayName?: string;
  readonly externalId?: string | null;
  readonly active?: boolean;
  readonly department?: string | null;
  readonly costCenter?: string | null;
}

/** Longer than any name of a person, group or department. */
const TEXT_MAX = 256;

const READERS: Readonly<Record<string, (value: unknown, name: string) => Partial<Attributes>>> = {
  username: (value, name) => ({ userName: textOf(value, name) }),
  displayname: (value, name) => ({ displayName: textOf(value, name) }),
  externalid: (value, name) => ({ externalId: optionalText(value, name) }),
  active: (value) => ({ active: flagOf(value) }),
  department: (value, name) => ({ department: optionalText(value, name) }),
  costcenter: (value, name) => ({ costCenter: optionalText(value, name) }),
};

/** The attributes of a resource that are kept; what else a provider sends (names, mail addresses, phones) is passed over. */
export function attributesOf(resource: Readonly<Record<string, unknown>>): Attributes {
  const pairs = Object.entries(resource).flatMap(([name, value]) => {
    const isExtension = name === SCIM_SCHEMAS.enterprise && typeof value === 'object' && value !== null;
    return isExtension ? Object.entries(value) : [[name, value] as const];
  });
  return Object.assign({}, ...pairs.map(([name, value]) => attributeOf(name, value))) as Attributes;
}

/** One attribute by its name or path, in any letter case, with or without its schema. */
export function attributeOf(path: string, value: unknown): Attributes {
  const name = path.slice(path.lastIndexOf(':') + 1);
  const key = name.toLowerCase();
  // Own names alone: `constructor` would hand over whatever it is given, unread.
  return Object.hasOwn(READERS, key) ? READERS[key]!(value, name) : {};
}

function textOf(value: unknown, name: string): string {
  const text = optionalText(value, name);
  if (text === null) throw invalid(name, 'must be there');
  return text;
}

function optionalText(value: unknown, name: string): string | null {
  if (value === null || value === undefined || value === '') return null;
  if (typeof value !== 'string') throw invalid(name, 'must be text');
  if (value.length > TEXT_MAX || /\p{Cc}/u.test(value)) throw invalid(name, `must be up to ${TEXT_MAX} characters`);
  return value;
}

/** Entra sends `"False"`. */
function flagOf(value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  const text = String(value).toLowerCase();
  if (text === 'true' || text === 'false') return text === 'true';
  throw invalid('active', 'must be true or false');
}

function invalid(name: string, rule: string): Fault {
  return new Fault('ValidationException', `\`${name}\` ${rule}`);
}
