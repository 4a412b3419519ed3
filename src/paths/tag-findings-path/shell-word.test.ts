import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { shellWord } from './shell-word.ts';

it('a shell reads every text back as it was', () => {
  const text = fc.string({ unit: fc.constantFrom(...`ab'"\\$\`!*?~# ;&|<>(){}[]=,é\n`), maxLength: 12 });
  fc.assert(
    fc.property(fc.array(text, { maxLength: 20 }), (texts) => {
      const read = execFileSync('/bin/sh', ['-c', `printf '%s\\0' ${texts.map(shellWord).join(' ')}`], {
        encoding: 'utf8',
      });
      expect(read.split('\0').slice(0, -1)).toEqual(texts.length === 0 ? [''] : texts);
    }),
    { numRuns: 50 },
  );
});
