/** Lines of a stream of UTF-8, trimmed; empty ones are left out. Throws what `tooLong` makes for one of more bytes than `lineBytesMax`. */
export async function* textLines(
  content: AsyncIterable<Uint8Array>,
  lineBytesMax: number,
  tooLong: () => Error,
): AsyncGenerator<string> {
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  const take = (last: Buffer): string => {
    const line = Buffer.concat([...pending, last])
      .toString('utf8')
      .trim();
    pending = [];
    pendingBytes = 0;
    return line;
  };
  for await (const bytes of content) {
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      const line = take(chunk.subarray(start, end));
      if (line !== '') yield line;
      start = end + 1;
    }
    const rest = chunk.subarray(start);
    pendingBytes += rest.length;
    if (pendingBytes > lineBytesMax) throw tooLong();
    if (rest.length > 0) pending.push(rest);
  }
  const line = take(Buffer.alloc(0));
  if (line !== '') yield line;
}
