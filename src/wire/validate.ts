import { Fault } from '../kernel/fault.ts';
import type { Constraint, ListShape, MapShape, OperationModel, ScalarShape, Shape, StructureShape } from './model.ts';
import { SERVICES } from './service.ts';

/** Violations that are listed; a request with more is told of these. */
const VIOLATIONS_MAX = 100;
/** Characters of an offending value, or of a key on the way to it, that are repeated. */
const ECHOED_CHARACTERS_MAX = 1_024;
/** Texts longer than so many times their limit are not run against the pattern: only the length is reported. */
const PATTERN_LENGTHS_MAX = 2;

const COMPOUND: ReadonlySet<string> = new Set<Shape['kind']>(['structure', 'union', 'list', 'map']);

const NOT_NULL = 'Member must not be null';

/**
 * Throws ValidationException that lists, in AWS's words, every way in which the input breaks its model's constraints;
 * where the service says less, what it says.
 */
export function requireValid(operation: OperationModel, input: Readonly<Record<string, unknown>>): void {
  const { echoesValues, isInvalidInput } = SERVICES[operation.service].validation;
  const validation = new Validation(echoesValues);
  validation.checkMembers(operation.input, input, '', false);
  const { violations } = validation;
  if (violations.length === 0) return;
  if (isInvalidInput) throw invalidInput(violations);
  const count = violations.length === 1 ? '1 validation error' : `${violations.length} validation errors`;
  throw new Fault('ValidationException', `${count} detected: ${violations.join('; ')}`);
}

function invalidInput([first]: readonly string[]): Fault {
  if (first!.includes(ENUM_RULE)) {
    return new Fault('InvalidInputException', 'You specified an invalid value.', { Reason: 'INVALID_ENUM' });
  }
  const message = 'You provided a value that does not match the required pattern.';
  return new Fault('InvalidInputException', message, { Reason: 'INVALID_PATTERN' });
}

class Validation {
  readonly violations: string[] = [];
  readonly #echoesValues: boolean;

  constructor(echoesValues: boolean) {
    this.#echoesValues = echoesValues;
  }

  checkMembers(shape: StructureShape, value: Readonly<Record<string, unknown>>, path: string, isHidden: boolean): void {
    for (const member of shape.members) {
      const memberValue = value[member.name];
      if (memberValue === undefined) {
        if (member.isRequired) this.#reportNull(join(path, member.printedName));
      } else {
        this.#check(member.shape, memberValue, join(path, member.printedName), isHidden);
      }
    }
  }

  #check(shape: Shape, value: unknown, path: string, isHiddenAbove: boolean): void {
    const isHidden = isHiddenAbove || shape.isSensitive;
    switch (shape.kind) {
      case 'structure':
      case 'union':
        this.checkMembers(shape, value as Record<string, unknown>, path, isHidden);
        break;
      case 'list':
        this.#checkList(shape, value as unknown[], path, isHidden);
        break;
      case 'map':
        this.#checkMap(shape, value as Record<string, unknown>, path, isHidden);
        break;
      default:
        this.#checkScalar(shape, value, path, isHidden);
    }
  }

  #checkScalar({ constraint }: ScalarShape, value: unknown, path: string, isHidden: boolean): void {
    if (!constraint) return;
    for (const broken of brokenRules(constraint, value)) this.#report(value, path, isHidden, broken);
  }

  #checkList({ constraint, element }: ListShape, list: readonly unknown[], path: string, isHidden: boolean): void {
    if (constraint) {
      for (const broken of brokenLength(constraint, list.length)) this.#report(list, path, isHidden, broken);
    }
    if (isScalar(element)) {
      if (list.some((value) => breaks(element.constraint, value))) {
        const rules = `Member must satisfy constraint: ${allRules(element)}`;
        this.#report(list, path, isHidden || element.isSensitive, rules);
      }
      return;
    }
    for (let index = 0; index < list.length; index++) {
      const elementPath = `${path}.${index + 1}.member`;
      const value = list[index];
      if (value === null) this.#reportNull(elementPath);
      else this.#check(element, value, elementPath, isHidden);
    }
  }

  #checkMap(shape: MapShape, map: Readonly<Record<string, unknown>>, path: string, isHidden: boolean): void {
    const { constraint, key, value: valueShape } = shape;
    const keys = Object.keys(map);
    if (constraint) {
      for (const broken of brokenLength(constraint, keys.length)) this.#report(map, path, isHidden, broken);
    }
    if (key && keys.some((name) => breaks(key, name))) {
      this.#report(
        map,
        path,
        isHidden,
        `Map keys must satisfy constraint: ${allRules({ kind: 'string', constraint: key })}`,
      );
    }
    if (isScalar(valueShape)) {
      if (keys.some((name) => breaks(valueShape.constraint, map[name]))) {
        const rules = `Map value must satisfy constraint: ${allRules(valueShape)}`;
        this.#report(map, path, isHidden || valueShape.isSensitive, rules);
      }
      return;
    }
    for (const name of keys) {
      const entryPath = `${path}.${name.slice(0, ECHOED_CHARACTERS_MAX)}.member`;
      if (map[name] === null) this.#reportNull(entryPath);
      else this.#check(valueShape, map[name], entryPath, isHidden);
    }
  }

  #reportNull(path: string): void {
    this.#add(`Value ${this.#echoesValues ? 'null ' : ''}at '${path}' failed to satisfy constraint: ${NOT_NULL}`);
  }

  #report(value: unknown, path: string, isHidden: boolean, constraint: string): void {
    const echoed = isHidden || !this.#echoesValues ? '' : printed(value);
    this.#add(`Value ${echoed && `'${echoed}' `}at '${path}' failed to satisfy constraint: ${constraint}`);
  }

  #add(violation: string): void {
    if (this.violations.length < VIOLATIONS_MAX) this.violations.push(violation);
  }
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

function isScalar(shape: Shape): shape is ScalarShape {
  return !COMPOUND.has(shape.kind);
}

/** Elements of lists and values of maps: null is not among them. */
function breaks(constraint: Constraint | undefined, value: unknown): boolean {
  return value === null || (constraint !== undefined && brokenRules(constraint, value).length > 0);
}

/** The pattern goes before the length, as on STS (probed live, 2026-11). */
function brokenRules(constraint: Constraint, value: unknown): readonly string[] {
  if (typeof value === 'number') return brokenBounds(constraint, value, 'value');
  if (Buffer.isBuffer(value)) return brokenLength(constraint, value.length);
  if (typeof value !== 'string') return NONE;
  const { expression, max = Number.POSITIVE_INFINITY, values } = constraint;
  if (values) return values.includes(value) ? NONE : [enumRule(values)];
  const length = brokenLength(constraint, value.length);
  if (!expression || value.length > max * PATTERN_LENGTHS_MAX || expression.test(value)) return length;
  return [patternRule(constraint), ...length];
}

const NONE: readonly string[] = [];

function brokenLength(constraint: Constraint, length: number): readonly string[] {
  return brokenBounds(constraint, length, 'length');
}

function brokenBounds({ min, max }: Constraint, size: number, what: 'length' | 'value'): readonly string[] {
  if (min !== undefined && size < min) return [minRule(what, min)];
  return max !== undefined && size > max ? [maxRule(what, max)] : NONE;
}

/** `[...]`: for elements AWS prints every rule of the element, not only the broken one. */
function allRules({ constraint = {}, kind }: Pick<ScalarShape, 'constraint' | 'kind'>): string {
  const what = kind === 'string' || kind === 'blob' ? 'length' : 'value';
  const { min, max, pattern, values } = constraint;
  const rules: string[] = [];
  if (max !== undefined) rules.push(maxRule(what, max));
  if (min !== undefined) rules.push(minRule(what, min));
  if (pattern !== undefined) rules.push(patternRule(constraint));
  if (values) rules.push(enumRule(values));
  return `[${[...rules, NOT_NULL].join(', ')}]`;
}

const minRule = (what: string, min: number) => `Member must have ${what} greater than or equal to ${min}`;
const maxRule = (what: string, max: number) => `Member must have ${what} less than or equal to ${max}`;
const ENUM_RULE = 'Member must satisfy enum value set';
const enumRule = (values: readonly string[]) => `${ENUM_RULE}: [${values.join(', ')}]`;
const patternRule = ({ pattern }: Constraint) => `Member must satisfy regular expression pattern: ${pattern}`;

/**
 * As AWS's Java prints a value; empty when it prints nothing of use (structures, bytes) or there is nothing to print.
 */
function printed(value: unknown): string {
  return printedWhole(value).slice(0, ECHOED_CHARACTERS_MAX);
}

function printedWhole(value: unknown): string {
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  if (Buffer.isBuffer(value) || typeof value !== 'object' || value === null) return '';
  const entries = Array.isArray(value) ? value : Object.values(value);
  if (entries.some((entry) => typeof entry === 'object' && entry !== null)) return '';
  if (Array.isArray(value)) return `[${value.join(', ')}]`;
  return `{${Object.entries(value)
    .map(([key, entry]) => `${key}=${entry}`)
    .join(', ')}}`;
}
