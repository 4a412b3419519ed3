import { type SaxesAttributeNS, SaxesParser } from 'saxes';
import { SamlRefused } from '../../identity/saml-verifier.ts';
import type { XmlElement } from '../../identity/xml-element.ts';

export interface XmlLimits {
  readonly depth: number;
  readonly elements: number;
  /** Of one element, namespace declarations included. */
  readonly attributes: number;
  /** Comments change nothing here, so a document that an administrator uploads may have some. */
  readonly comments: 'refused' | 'skipped';
}

interface OpenElement {
  readonly namespace: string;
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: XmlElement[];
  text: string;
}

/**
 * Reads XML 1.0 with namespaces and refuses whatever two readers could understand differently: document types and with
 * them entities, processing instructions, CDATA sections, comments, other encodings, an ID that two elements share.
 * Throws SamlRefused.
 */
export function readStrictXml(xml: string, limits: XmlLimits): XmlElement {
  const parser = new SaxesParser({ xmlns: true, position: false });
  const open: OpenElement[] = [];
  const ids = new Set<string>();
  let count = 0;
  let root: XmlElement | undefined;

  parser.on('error', (error) => refuse(`it is not well-formed XML: ${error.message}`));
  parser.on('xmldecl', ({ version, encoding }) => {
    if (version !== '1.0') refuse(`XML ${version} is not accepted`);
    if (encoding !== undefined && !/^utf-8$/i.test(encoding)) refuse(`the encoding ${encoding} is not accepted`);
  });
  parser.on('doctype', () => refuse('a document type declaration is not accepted'));
  parser.on('processinginstruction', () => refuse('a processing instruction is not accepted'));
  parser.on('cdata', () => refuse('a CDATA section is not accepted'));
  parser.on('comment', () => {
    if (limits.comments === 'refused') refuse('a comment is not accepted');
  });
  let attributes = 0;
  parser.on('opentagstart', () => {
    attributes = 0;
    if (++count > limits.elements) refuse(`it has more than ${limits.elements} elements`);
    if (open.length >= limits.depth) refuse(`its elements are nested more than ${limits.depth} deep`);
  });
  parser.on('attribute', () => {
    if (++attributes > limits.attributes) refuse(`an element has more than ${limits.attributes} attributes`);
  });
  parser.on('opentag', (tag) => {
    const all = Object.values(tag.attributes);
    for (const id of all.filter(isId)) {
      if (ids.has(id.value)) refuse(`two elements have the ID \`${id.value}\``);
      ids.add(id.value);
    }
    const own = all.filter(({ uri }) => uri === '').map(({ local, value }) => [local, value] as const);
    open.push({ namespace: tag.uri, name: tag.local, attributes: new Map(own), children: [], text: '' });
  });
  parser.on('text', (text) => {
    const element = open.at(-1);
    if (element) element.text += text;
  });
  parser.on('closetag', () => {
    const element = open.pop()!;
    const parent = open.at(-1);
    if (parent) parent.children.push(element);
    else root = element;
  });

  parser.write(xml).close();
  return root ?? refuse('it has no element');
}

/** Whatever any reader may take for an ID: `ID`, `Id`, `id`, with or without a namespace. */
function isId({ local }: SaxesAttributeNS): boolean {
  return local.toLowerCase() === 'id';
}

function refuse(reason: string): never {
  throw new SamlRefused('form', reason);
}
