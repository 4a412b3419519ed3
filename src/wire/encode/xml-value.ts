import { isoSeconds } from '../../kernel/time.ts';
import type { ScalarShape, Shape, StructureShape } from '../model.ts';
import { toBuffer } from './json-value.ts';

type Members = Readonly<Record<string, unknown>>;

/** Elements of a structure's members in the model's order, each on lines of its own, as STS prints them. */
export function xmlMembers(shape: StructureShape, value: Members, indent: string): string {
  let xml = '';
  for (const { name, shape: memberShape } of shape.members) {
    const memberValue = value[name];
    if (memberValue !== undefined && memberValue !== null) xml += xmlElement(name, memberShape, memberValue, indent);
  }
  return xml;
}

function xmlElement(name: string, shape: Shape, value: unknown, indent: string): string {
  const inner = `${indent}  `;
  switch (shape.kind) {
    case 'structure':
    case 'union':
      return xmlParent(name, xmlMembers(shape, value as Members, inner), indent);
    case 'list': {
      const elements = (value as readonly unknown[]).map((element) =>
        xmlElement('member', shape.element, element, inner),
      );
      return xmlParent(name, elements.join(''), indent);
    }
    case 'map': {
      const entries = Object.entries(value as Members).map(([key, entry]) =>
        xmlParent(
          'entry',
          xmlLeaf('key', key, `${inner}  `) + xmlElement('value', shape.value, entry, `${inner}  `),
          inner,
        ),
      );
      return xmlParent(name, entries.join(''), indent);
    }
    default:
      return xmlLeaf(name, scalarText(shape, value), indent);
  }
}

/** `content` is whole lines. */
export function xmlParent(name: string, content: string, indent: string, attributes = ''): string {
  if (content === '') return `${indent}<${name}${attributes}/>\n`;
  return `${indent}<${name}${attributes}>\n${content}${indent}</${name}>\n`;
}

export function xmlLeaf(name: string, text: string, indent: string): string {
  return `${indent}<${name}>${escapeXml(text)}</${name}>\n`;
}

/** Expiration and all other times of IAM and STS are to the second. */
function scalarText({ kind }: ScalarShape, value: unknown): string {
  switch (kind) {
    case 'timestamp':
    case 'dateTime':
      return isoSeconds((value as Date).getTime());
    case 'blob':
      return toBuffer(value).toString('base64');
    default:
      return String(value);
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#xD;',
  '\n': '&#xA;',
};

/** What XML 1.0 cannot hold at all becomes U+FFFD: one odd character in a tag must not break a whole listing. */
export function escapeXml(text: string): string {
  return (
    text
      .toWellFormed()
      .replace(/[&<>"\r\n]/g, (character) => ESCAPES[character]!)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to replace
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
  );
}
