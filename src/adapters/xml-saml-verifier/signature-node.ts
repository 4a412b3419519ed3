import { createRequire } from 'node:module';
import { SAML_ASSERTION, XML_SIGNATURE } from '../../identity/xml-element.ts';
import type { SignedPlace } from './signature-shape.ts';

/** What is used of the DOM. The package's own types would bring those of the browser into the whole project. */
export interface DomElement {
  readonly namespaceURI: string | null;
  readonly localName: string | null;
  readonly childNodes: ArrayLike<DomElement>;
  readonly ownerDocument: object;
  readonly textContent: string;
  getAttribute(name: string): string;
}

interface Xmldom {
  readonly DOMParser: new (options: {
    readonly errorHandler: (level: string, message: string) => void;
  }) => { parseFromString(xml: string, type: string): { readonly documentElement: DomElement } };
}

const { DOMParser } = createRequire(import.meta.url)('@xmldom/xmldom') as Xmldom;

/** The signature in a place that `signedPlace` found, as the node that xml-crypto works on. Throws an Error. */
export function signatureNode(xml: string, { name }: SignedPlace): DomElement {
  const refuse = (_level: string, message: string) => {
    throw new Error(message);
  };
  const root = new DOMParser({ errorHandler: refuse }).parseFromString(xml, 'text/xml').documentElement;
  const holder = name === 'Response' ? root : onlyChild(root, SAML_ASSERTION, 'Assertion');
  return onlyChild(holder, XML_SIGNATURE, 'Signature');
}

/** Throws an Error when there is none or more than one. */
export function onlyChild(parent: DomElement, namespace: string, name: string): DomElement {
  const found = Array.from(parent.childNodes).filter(
    ({ namespaceURI, localName }) => namespaceURI === namespace && localName === name,
  );
  if (found.length !== 1) throw new Error(`there are ${found.length} elements ${name}`);
  return found[0]!;
}
