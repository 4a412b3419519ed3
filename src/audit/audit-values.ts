import { createHash } from 'node:crypto';
import { isoSeconds } from '../kernel/time.ts';
import type { Member, Shape, StructureShape } from '../wire/model.ts';
import type { AuditValues } from './audit-record.ts';

/** CloudTrail's own words in place of a secret. */
export const HIDDEN = 'HIDDEN_DUE_TO_SECURITY_REASONS';

/**
 * Members that are secrets whatever the model says, in lower case. The model marks most of them; it does not mark session
 * tokens, MFA codes, or what a service added last week.
 */
const SECRET_MEMBERS: ReadonlySet<string> = new Set([
  'authenticationcode1',
  'authenticationcode2',
  'addprivatekey',
  'base32stringseed',
  'clientsecret',
  // Sealed, and what it says is for those who may decode it.
  'encodedmessage',
  'newpassword',
  'oldpassword',
  'password',
  'privatekey',
  'qrcodepng',
  'samlassertion',
  'secretaccesskey',
  'secretkey',
  'servicecredentialsecret',
  'servicepassword',
  'sessiontoken',
  'tokencode',
  'tradeintoken',
  'webidentitytoken',
]);

/**
 * Texts that are secrets wherever they stand: Bedrock API keys, gateway keys, JSON Web Tokens, presigned credentials, private keys. Every
 * part matches on from its beginning as far as it goes, so that no text can make it run for ages.
 */
const SECRET_TEXTS =
  /ABSK[A-Za-z0-9+/=]{16,}|bedrock-api-key-[A-Za-z0-9+/=_-]+|tly-[A-Z2-7]{16}-[A-Za-z0-9]*|eyJ[\w-]{8,}(?:\.[\w-]*)*|X-Amz-(?:Security-Token|Signature)=[^&\s]*|-----BEGIN [A-Z ]{0,32}PRIVATE KEY-----[\s\S]*?(?:-----END|$)/g;
/** Characters beyond the cut that are looked at, so that a secret which is cut is still seen to be one. */
const CUT_MARGIN_CHARACTERS = 64;

/** Members whose text is kept longer: what was put in force is what an audit is for. In lower case. */
const DOCUMENT_MEMBERS: ReadonlySet<string> = new Set([
  'assumerolepolicydocument',
  'content',
  'policy',
  'policydocument',
  'querystatement',
]);
/** The longest that IAM puts in force is 10,240 characters without white space (the inline policies of a role). */
const DOCUMENT_CHARACTERS_MAX = 12_288;
/** Metadata of an identity provider: certificates and addresses, kept by the directory. */
const METADATA_MEMBERS: ReadonlySet<string> = new Set(['samlmetadatadocument']);
const METADATA_CHARACTERS_MAX = 256;
const TEXT_CHARACTERS_MAX = 1_024;
const ENTRIES_MAX = 100;
const DEPTH_MAX = 10;
/** Of one set of values as JSON; what comes when it is used up is left out. */
const BUDGET_BYTES = 32_768;
/** Of a value that is not a text, and of every list, map and structure: its punctuation. */
const VALUE_BYTES = 8;

/** Room that is left for one set of values. */
interface Budget {
  bytes: number;
}

/**
 * An operation's input or output as CloudTrail shows it: member names begin in lower case, times are ISO 8601, secrets are
 * hidden, bytes are left out. Bounded whatever comes in: long texts are cut with a mark, long lists end, and behind `bytes`
 * (32,768 when absent) the rest is left out.
 */
export function auditValues(shape: StructureShape, values: object, bytes = BUDGET_BYTES): AuditValues {
  return structureValues(shape, values as AuditValues, { bytes }, 0);
}

/** Only what stands in the path, the query and the headers: the body of an inference request is content. */
export function boundAuditValues(shape: StructureShape, values: object): AuditValues {
  const members = shape.members.filter(({ binding }) => binding !== undefined && binding.at !== 'payload');
  return structureValues({ ...shape, members }, values as AuditValues, { bytes: BUDGET_BYTES }, 0);
}

/** One text of a record: without secrets, and cut where it is too long. */
export function auditText(text: string, charactersMax = TEXT_CHARACTERS_MAX): string {
  const shown = text.slice(0, charactersMax + CUT_MARGIN_CHARACTERS).replace(SECRET_TEXTS, HIDDEN);
  if (text.length <= charactersMax) return shown;
  // The digest tells whether a text that turns up elsewhere is the one that was cut.
  const digest = createHash('sha256').update(text).digest('hex');
  return `${shown.slice(0, charactersMax)}... (cut: ${text.length} characters, sha256 ${digest})`;
}

function structureValues(shape: StructureShape, values: AuditValues, budget: Budget, depth: number): AuditValues {
  const shown: Record<string, unknown> = {};
  for (const member of shape.members) {
    const value = values[member.name];
    if (value === undefined || value === null) continue;
    const audited = isSecret(member) ? HIDDEN : auditValue(member.shape, value, member.name, budget, depth + 1);
    if (audited !== undefined) shown[member.printedName] = audited;
  }
  return shown;
}

function isSecret({ name, shape }: Member): boolean {
  return shape.isSensitive || SECRET_MEMBERS.has(name.toLowerCase());
}

/** `name`: of the member that the value belongs to. Undefined: left out. */
function auditValue(shape: Shape, value: unknown, name: string, budget: Budget, depth: number): unknown {
  if (budget.bytes <= 0 || depth > DEPTH_MAX) return undefined;
  budget.bytes -= VALUE_BYTES;
  switch (shape.kind) {
    case 'structure':
    case 'union':
      return structureValues(shape, value as AuditValues, budget, depth);
    case 'list':
      return listValues(shape.element, value as readonly unknown[], name, budget, depth);
    case 'map':
      if (shape.value.isSensitive) return HIDDEN;
      return mapValues(
        value as AuditValues,
        (entry) => auditValue(shape.value, entry, name, budget, depth + 1),
        budget,
      );
    case 'blob':
      return undefined;
    case 'document':
      return documentValue(value, name, budget, depth);
    case 'timestamp':
    case 'dateTime':
      return value instanceof Date && !Number.isNaN(value.getTime()) ? isoSeconds(value.getTime()) : undefined;
    default:
      return scalarValue(value, name, budget);
  }
}

function listValues(element: Shape, values: readonly unknown[], name: string, budget: Budget, depth: number): unknown {
  if (element.isSensitive) return HIDDEN;
  const shown = values.slice(0, ENTRIES_MAX).flatMap((one) => auditValue(element, one, name, budget, depth + 1) ?? []);
  if (shown.length < values.length && element.kind === 'string') shown.push(`... (${values.length} in all)`);
  return shown;
}

/** Keys are the caller's own and keep their letter case. */
function mapValues(values: AuditValues, show: (value: unknown) => unknown, budget: Budget): AuditValues {
  const shown = new Map<string, unknown>();
  for (const [key, value] of Object.entries(values).slice(0, ENTRIES_MAX)) {
    const text = auditText(key);
    budget.bytes -= jsonBytes(text);
    const audited = SECRET_MEMBERS.has(key.toLowerCase()) ? HIDDEN : show(value);
    if (audited !== undefined) shown.set(text, audited);
  }
  return Object.fromEntries(shown);
}

/** Free JSON. */
function documentValue(value: unknown, name: string, budget: Budget, depth: number): unknown {
  if (budget.bytes <= 0 || depth > DEPTH_MAX || value === null) return undefined;
  budget.bytes -= VALUE_BYTES;
  if (typeof value !== 'object') return scalarValue(value, name, budget);
  if (!Array.isArray(value)) {
    return mapValues(value as AuditValues, (entry) => documentValue(entry, name, budget, depth + 1), budget);
  }
  return value.slice(0, ENTRIES_MAX).flatMap((entry) => documentValue(entry, name, budget, depth + 1) ?? []);
}

function scalarValue(value: unknown, name: string, budget: Budget): unknown {
  if (typeof value !== 'string') return value;
  const text = auditText(value, charactersMaxOf(name.toLowerCase()));
  budget.bytes -= jsonBytes(text);
  return text;
}

function jsonBytes(text: string): number {
  return Buffer.byteLength(JSON.stringify(text));
}

function charactersMaxOf(member: string): number {
  if (DOCUMENT_MEMBERS.has(member)) return DOCUMENT_CHARACTERS_MAX;
  return METADATA_MEMBERS.has(member) ? METADATA_CHARACTERS_MAX : TEXT_CHARACTERS_MAX;
}
