// An OpenAI-compatible server that answers at once: what is measured is what stands in front of it.
import { createServer } from 'node:http';

const port = Number(process.argv[2]);
/** Between streamed chunks. */
const GAP_MS = 5;
const CHUNKS = 20;

const usage = { prompt_tokens: 120, completion_tokens: 40, total_tokens: 160 };
const whole = JSON.stringify({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1_700_000_000,
  model: 'mock',
  choices: [{ index: 0, message: { role: 'assistant', content: 'x'.repeat(400) }, finish_reason: 'stop' }],
  usage,
});
const chunk = (delta: object, finish: string | null, extra: object = {}) =>
  `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1_700_000_000, model: 'mock', choices: [{ index: 0, delta, finish_reason: finish }], ...extra })}\n\n`;

createServer((request, response) => {
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  request.on('end', () => {
    if (!Buffer.concat(parts).includes('"stream":true')) {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': whole.length });
      response.end(whole);
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(chunk({ role: 'assistant', content: 'x' }, null));
    let sent = 0;
    const timer = setInterval(() => {
      sent += 1;
      if (sent < CHUNKS) return void response.write(chunk({ content: 'word ' }, null));
      clearInterval(timer);
      response.write(chunk({}, 'stop'));
      response.write(
        `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'mock', choices: [], usage })}\n\n`,
      );
      response.end('data: [DONE]\n\n');
    }, GAP_MS);
  });
}).listen(port, '127.0.0.1');
