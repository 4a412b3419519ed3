// An OpenAI-compatible server, and as much of Amazon Bedrock and STS as a gateway calls, that answers at once: what is measured
// is what stands in front of it.
import { createServer, type ServerResponse } from 'node:http';
import { encodeEventHeaders, encodeEventMessage } from '../../src/wire/event-stream.ts';

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

const bedrockUsage = { inputTokens: 120, outputTokens: 40, totalTokens: 160 };
const bedrockWhole = JSON.stringify({
  output: { message: { role: 'assistant', content: [{ text: 'x'.repeat(400) }] } },
  stopReason: 'end_turn',
  usage: bedrockUsage,
  metrics: { latencyMs: 1 },
});

function frame(name: string, payload: object): Buffer {
  const headers = { ':event-type': name, ':content-type': 'application/json', ':message-type': 'event' };
  return encodeEventMessage(encodeEventHeaders(headers), Buffer.from(JSON.stringify(payload)));
}

const textFrame = (text: string) => frame('contentBlockDelta', { contentBlockIndex: 0, delta: { text } });

function bedrockStream(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' });
  response.write(Buffer.concat([frame('messageStart', { role: 'assistant' }), textFrame('x')]));
  let sent = 0;
  const timer = setInterval(() => {
    sent += 1;
    if (sent < CHUNKS) return void response.write(textFrame('word '));
    clearInterval(timer);
    response.write(frame('contentBlockStop', { contentBlockIndex: 0 }));
    response.write(frame('messageStop', { stopReason: 'end_turn' }));
    response.end(frame('metadata', { usage: bedrockUsage, metrics: { latencyMs: 1 } }));
  }, GAP_MS);
}

/** STS: a session for whoever asks, under the name that was asked for. */
function sts(form: URLSearchParams, response: ServerResponse): void {
  const action = form.get('Action')!;
  const name = form.get('RoleSessionName') ?? 'gateway';
  const arn = `arn:aws:sts::123456789012:assumed-role/BedrockRole/${name}`;
  const expiration = new Date(Date.now() + 3_600_000).toISOString();
  const result =
    action === 'AssumeRole'
      ? `<Credentials><AccessKeyId>ASIAMOCK</AccessKeyId><SecretAccessKey>mock</SecretAccessKey><SessionToken>${'t'.repeat(600)}</SessionToken><Expiration>${expiration}</Expiration></Credentials><AssumedRoleUser><AssumedRoleId>AROAMOCK:${name}</AssumedRoleId><Arn>${arn}</Arn></AssumedRoleUser>`
      : `<Arn>${arn}</Arn><UserId>AROAMOCK</UserId><Account>123456789012</Account>`;
  response.writeHead(200, { 'content-type': 'text/xml' });
  response.end(
    `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${action}Result>${result}</${action}Result></${action}Response>`,
  );
}

createServer((request, response) => {
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  request.on('end', () => {
    if (request.url === '/') return sts(new URLSearchParams(Buffer.concat(parts).toString()), response);
    if (request.url!.endsWith('/converse-stream')) return bedrockStream(response);
    if (request.url!.endsWith('/converse')) {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': bedrockWhole.length });
      response.end(bedrockWhole);
      return;
    }
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
