/** The same bytes, counted as they go by. */
export async function* countedBytes(
  bytes: AsyncIterable<Uint8Array>,
  count: { bytesDone: number },
): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) {
    count.bytesDone += chunk.length;
    yield chunk;
  }
}
