import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { modelOf, type Shape, type StructureShape } from '../wire/model.ts';
import { SERVICES } from '../wire/service.ts';
import { auditText, auditValues, HIDDEN } from './audit-values.ts';

const iam = modelOf('iam');
const sts = modelOf('sts');
const SECRET = 'planted-secret';
const PLAIN = 'shown';

/** Member names that are secrets although no model of AWS says so. */
const UNMARKED = /^(?:SessionToken|TokenCode|ServicePassword|ServiceCredentialSecret|EncodedMessage)$/;

/** A value of a shape, with SECRET wherever it or what it belongs to is sensitive and PLAIN elsewhere. */
function planted(shape: Shape, isSecret: boolean, depth = 0): unknown {
  const hidden = isSecret || shape.isSensitive;
  switch (shape.kind) {
    case 'structure':
    case 'union':
      if (depth > 5) return {};
      return Object.fromEntries(
        shape.members.map(({ name, shape: inner }) => [name, planted(inner, hidden || UNMARKED.test(name), depth + 1)]),
      );
    case 'list':
      return depth > 5 ? [] : [planted(shape.element, hidden, depth + 1)];
    case 'map':
      return depth > 5 ? {} : { key: planted(shape.value, hidden, depth + 1) };
    case 'blob':
      return Buffer.from(SECRET);
    case 'timestamp':
    case 'dateTime':
      return new Date(0);
    case 'document':
      return { text: hidden ? SECRET : PLAIN, password: SECRET, deeper: [{ sessionToken: SECRET }] };
    case 'string':
      return hidden ? SECRET : PLAIN;
    default:
      return 1;
  }
}

function inputOf(service: typeof iam, name: string): StructureShape {
  return service.operation(name)!.input;
}

describe('auditValues', () => {
  it('shows no member that is sensitive, in the input or output of any operation of any service', () => {
    let shown = 0;
    let hidden = 0;
    for (const service of Object.values(SERVICES)) {
      const model = modelOf(service.id);
      for (const name of model.operationNames) {
        const { input, output } = model.operation(name)!;
        for (const shape of [input, output]) {
          const text = JSON.stringify(auditValues(shape, planted(shape, false) as object));
          expect(text, `${service.id} ${name}`).not.toContain(SECRET);
          if (text.includes(PLAIN)) shown += 1;
          if (text.includes(HIDDEN)) hidden += 1;
        }
      }
    }
    expect(shown).toBeGreaterThan(400);
    expect(hidden).toBeGreaterThan(50);
  });

  it('names members as CloudTrail does, and leaves the keys of maps as they are', () => {
    const shape = inputOf(iam, 'CreateUser');
    expect(
      auditValues(shape, { UserName: 'alice', Tags: [{ Key: 'CostCenter', Value: '1' }], Path: undefined }),
    ).toEqual({
      userName: 'alice',
      tags: [{ key: 'CostCenter', value: '1' }],
    });
    const report = inputOf(modelOf('tallyline'), 'GetReport');
    expect(auditValues(report, { Filter: { TeamName: 'a', Password: 'b' } })).toEqual({
      filter: { TeamName: 'a', Password: HIDDEN },
    });
  });

  it('keeps policies whole, cuts other long texts and says so', () => {
    const policy = 'p'.repeat(10_240);
    const shape = inputOf(iam, 'PutRolePolicy');
    expect(auditValues(shape, { PolicyDocument: policy })).toEqual({ policyDocument: policy });
    expect(auditValues(shape, { RoleName: 'r'.repeat(2_000) }).roleName).toMatch(
      /^r{1024}\.\.\. \(cut: 2000 characters, sha256 [0-9a-f]{64}\)$/,
    );
    const metadata = auditValues(inputOf(iam, 'CreateSAMLProvider'), { SAMLMetadataDocument: 'x'.repeat(5_000_000) });
    expect(metadata.sAMLMetadataDocument).toMatch(/^x{256}\.\.\. \(cut: 5000000 characters/);
    const keys = auditValues(inputOf(sts, 'AssumeRole'), { TransitiveTagKeys: Array(200).fill('key') });
    expect(keys.transitiveTagKeys).toHaveLength(101);
  });

  it('is bounded whatever comes in', () => {
    const shape = inputOf(modelOf('tallyline'), 'GetReport');
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 20 }), fc.integer({ min: 1, max: 60 }), (value, repeat) => {
        const Filter = { wide: Array(repeat * 100).fill(value), deep: nested(value, repeat) };
        const text = JSON.stringify(
          auditValues(shape, { Filter, GroupBy: Array(500).fill({ Type: 'TAG', Key: '\u0001'.repeat(1_024) }) }),
        );
        expect(text.length).toBeLessThan(120_000);
      }),
      { seed: 3, numRuns: 50 },
    );
  });
});

function nested(value: unknown, depth: number): unknown {
  return depth === 0 ? value : [nested(value, depth - 1), { x: value }];
}

describe('auditText', () => {
  it.each([
    ['a long-term Bedrock API key', `ABSK${'QmVkcm9ja0FQSUtleS1'.repeat(3)}`],
    ['a short-term Bedrock API key', 'bedrock-api-key-YmVkcm9jay5hbWF6b25hd3MuY29t'],
    ['a gateway key', `tly-ABCDEFGHIJKLMN27-${'0Az'.repeat(16)}0`],
    ['a JSON Web Token', 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl'],
    ['a session token in an address', 'X-Amz-Security-Token=AgABC123'],
    ['a private key', '-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END'],
  ])('hides %s that stands in another text', (_, secret) => {
    expect(auditText(`before ${secret} after`)).toBe(`before ${HIDDEN} after`);
  });

  it('hides a secret that is longer than what is kept', () => {
    const text = `${'x'.repeat(1_000)} eyJ${'hbGciOiJSUzI1NiJ9'.repeat(500)}`;
    expect(auditText(text)).toMatch(/^x{1000} HIDDEN_DUE_TO_SECURITY_/);
    expect(auditText(text)).not.toContain('hbGci');
  });

  it('takes no longer for texts that are made to be slow', () => {
    for (const text of ['eyJ', 'ABSK', '-----BEGIN ', 'bedrock-api-key-', 'tly-', 'X-Amz-Signature=', 'A']) {
      expect(auditText(text.repeat(2_000_000)).length).toBeLessThan(1_300);
    }
  });
});
