import { inflateSync } from 'node:zlib';

/**
 * The text of a PDF as its content streams show it, one line for each piece: streams are inflated, and the hexadecimal strings
 * of the `TJ` operators are read in the encoding of the standard fonts, as far as it is Latin-1.
 */
export function pdfText(pdf: Uint8Array): string {
  const bytes = Buffer.from(pdf);
  const texts: string[] = [];
  let at = 0;
  for (;;) {
    const start = bytes.indexOf('stream\n', at);
    if (start < 0) return texts.join('\n');
    const end = bytes.indexOf('\nendstream', start);
    texts.push(...textsOf(inflateSync(bytes.subarray(start + 'stream\n'.length, end)).toString('latin1')));
    at = end + '\nendstream'.length;
  }
}

function textsOf(content: string): string[] {
  return [...content.matchAll(/\[([^\]]*)\] TJ/g)].map(([, shown]) =>
    [...shown!.matchAll(/<([0-9a-f]*)>/g)].map(([, hex]) => Buffer.from(hex!, 'hex').toString('latin1')).join(''),
  );
}

export function pdfPages(pdf: Uint8Array): number {
  return (
    Buffer.from(pdf)
      .toString('latin1')
      .match(/\/Type \/Page\b/g)?.length ?? 0
  );
}
