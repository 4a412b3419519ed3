import { expect, test } from 'vitest';
import { promptDigest } from './prompt-digest.ts';

const claim = (content: readonly object[], bodyBytes = 100) => ({
  ...{ bodyBytes, modelId: 'sonnet' },
  prompt: { messages: [{ role: 'user' as const, content: content as never }], system: [], additionalFields: {} },
});
const text = (value: string, bodyBytes?: number) => promptDigest(claim([{ text: value }], bodyBytes));

test('the same prompt has the same digest, another has another', () => {
  expect(text('again')).toBe(text('again'));
  expect(text('again')).not.toBe(text('once more'));
  expect(text('again', 101)).not.toBe(text('again'));
  const image = (last: number) => ({ image: { format: 'png', source: { bytes: Uint8Array.of(1, 2, last) } } });
  expect(promptDigest(claim([image(3)]))).toBe(promptDigest(claim([image(3)])));
  expect(promptDigest(claim([image(3)]))).not.toBe(promptDigest(claim([image(4)])));
  expect(promptDigest({ modelId: 'titan', bodyBytes: 9, prompt: { body: { inputText: 'a' } } as never })).not.toBe(
    promptDigest({ modelId: 'titan', bodyBytes: 9, prompt: { body: { inputText: 'b' } } as never }),
  );
});

test('only the end of a long prompt is looked at, from its last piece backwards', () => {
  const long = 'x'.repeat(100_000);
  expect(text(`a${long}`)).toBe(text(`b${long}`));
  const looked: number[] = [];
  const content = Array.from({ length: 1_000 }, (_, index) =>
    Object.defineProperty({}, 'text', { enumerable: true, get: () => looked.push(index) && long }),
  );
  promptDigest(claim(content));
  expect(looked).toEqual([999]);
});
