import { describe, expect, it } from 'vitest';
import { modelOf, type Shape } from './model.ts';
import { SERVICES } from './service.ts';

/** Characters that stand for no limit. */
const UNBOUNDED = 8_000;

const models = Object.values(SERVICES).map(({ id }) => modelOf(id));

describe('the model of every service', () => {
  it.each(models.map((model) => [model.service.id, model] as const))('%s compiles', (_, model) => {
    for (const name of model.operationNames) {
      const operation = model.operation(name)!;
      expect(operation).toMatchObject({ name, service: model.service.id, protocol: model.service.protocol });
      expect(operation.http === undefined).toBe(model.service.protocol !== 'restJson');
    }
    for (const name of model.errorNames) expect(model.error(name)).toBeDefined();
  });

  it('knows nothing that is not in it', () => {
    for (const model of models) {
      for (const name of ['NoSuchThing', 'constructor', '__proto__', 'toString', '']) {
        expect(model.operation(name)).toBeUndefined();
        expect(model.error(name)).toBeUndefined();
      }
    }
  });

  it('is compiled once', () => {
    expect(modelOf('sts')).toBe(modelOf('sts'));
    expect(modelOf('sts').operation('AssumeRole')).toBe(modelOf('sts').operation('AssumeRole'));
  });
});

describe('patterns', () => {
  /** By source: the expression and the longest text that it is run on. */
  const longest = new Map<string, { readonly expression: RegExp; readonly max: number }>();
  const seen = new Set<Shape>();
  for (const model of models) {
    for (const name of model.operationNames) collect(model.operation(name)!.input);
  }

  function collect(shape: Shape): void {
    if (seen.has(shape)) return;
    seen.add(shape);
    if (shape.constraint?.expression) {
      const { expression, max = UNBOUNDED } = shape.constraint;
      const known = longest.get(expression.source);
      longest.set(expression.source, { expression, max: Math.max(max, known?.max ?? 0) });
    }
    if ('members' in shape) for (const member of shape.members) collect(member.shape);
    if ('element' in shape) collect(shape.element);
    if ('value' in shape) collect(shape.value);
  }

  // A pattern that backtracks without end would not fail here but never come back: the run's time limit is the check.
  it('end, on text made to keep them going, at twice the length that they allow', () => {
    const units = ['a', 'a-', '-', 'a.', 'a/', '0', 'a_', 'arn:aws:', '<script>', ' ', 'A1-'];
    expect(longest.size).toBeGreaterThan(100);
    for (const { expression, max } of longest.values()) {
      for (const unit of units) {
        const text = unit.repeat(Math.ceil(Math.min(2 * max, UNBOUNDED) / unit.length));
        for (const end of ['!', '\n', '\u0000']) expression.test(`${text}${end}`);
      }
    }
  });
});
