import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../inference/model-call.ts';
import { collect } from '../../inference/model-outcome.fixture.ts';
import type { TokenUsage } from '../../inference/token-usage.ts';
import {
  call,
  DONE,
  endChunk,
  endOf,
  type Script,
  start,
  streaming,
  textChunk,
  textOf,
  USAGE,
  usageChunk,
} from '../openai-model.fixture.ts';
import type { OpenAiModelOptions } from '../openai-model.ts';

describe('a stream', () => {
  it('asks for usage, and hands out events in Converse’s order', async () => {
    const { upstream, model } = await start(
      streaming(
        { choices: [{ index: 0, delta: { role: 'assistant', content: '' } }] },
        textChunk('Par'),
        textChunk('is.'),
        endChunk(),
        usageChunk(),
        DONE,
      ),
    );
    const { events } = await collect(model.stream(call()));
    expect(upstream.requests[0]?.body).toMatchObject({ stream: true, stream_options: { include_usage: true } });
    expect(events).toEqual([
      { type: 'start' },
      { type: 'blockDelta', index: 0, delta: { text: 'Par' } },
      { type: 'blockDelta', index: 0, delta: { text: 'is.' } },
      { type: 'blockStop', index: 0 },
      {
        type: 'end',
        stopReason: 'end_turn',
        usage: { inputTokens: 14, outputTokens: 2, isEstimated: false, raw: JSON.stringify(USAGE) },
        upstream: {},
      },
    ]);
  });

  it('has a block per reasoning, text and tool call', async () => {
    const toolDelta = (delta: Json): JsonObject => ({ choices: [{ index: 0, delta: { tool_calls: [delta] } }] });
    const { model } = await start(
      streaming(
        { choices: [{ index: 0, delta: { reasoning_content: 'Hm' } }] },
        { choices: [{ index: 0, delta: { reasoning: '.' } }] },
        textChunk('Wait.'),
        toolDelta({ index: 0, id: 'c1', function: { name: 'weather', arguments: '' } }),
        toolDelta({ index: 0, function: { arguments: '{"city":' } }),
        toolDelta({ index: 0, function: { arguments: '"Paris"}' } }),
        toolDelta({ index: 1, id: 'c2', function: { name: 'clock', arguments: '{}' } }),
        // Ollama gives every call the index 0.
        toolDelta({ index: 1, id: 'c3', function: { name: 'clock', arguments: '{}' } }),
        endChunk('tool_calls'),
        usageChunk(),
        DONE,
      ),
    );
    const { events } = await collect(model.stream(call()));
    expect(events.slice(1, -1)).toEqual([
      { type: 'blockDelta', index: 0, delta: { reasoningContent: { text: 'Hm' } } },
      { type: 'blockDelta', index: 0, delta: { reasoningContent: { text: '.' } } },
      { type: 'blockStop', index: 0 },
      { type: 'blockDelta', index: 1, delta: { text: 'Wait.' } },
      { type: 'blockStop', index: 1 },
      { type: 'blockStart', index: 2, start: { toolUse: { toolUseId: 'c1', name: 'weather' } } },
      { type: 'blockDelta', index: 2, delta: { toolUse: { input: '{"city":' } } },
      { type: 'blockDelta', index: 2, delta: { toolUse: { input: '"Paris"}' } } },
      { type: 'blockStop', index: 2 },
      { type: 'blockStart', index: 3, start: { toolUse: { toolUseId: 'c2', name: 'clock' } } },
      { type: 'blockDelta', index: 3, delta: { toolUse: { input: '{}' } } },
      { type: 'blockStop', index: 3 },
      { type: 'blockStart', index: 4, start: { toolUse: { toolUseId: 'c3', name: 'clock' } } },
      { type: 'blockDelta', index: 4, delta: { toolUse: { input: '{}' } } },
      { type: 'blockStop', index: 4 },
    ]);
    expect(endOf(events).stopReason).toBe('tool_use');
  });

  it('takes the last usage when every chunk carries one', async () => {
    const growing = (content: string, completion_tokens: number): JsonObject => ({
      ...textChunk(content),
      usage: { prompt_tokens: 14, completion_tokens, total_tokens: 14 + completion_tokens },
    });
    const { model } = await start(streaming(growing('a', 1), growing('b', 2), endChunk(), usageChunk(), DONE));
    expect(endOf((await collect(model.stream(call()))).events).usage).toMatchObject({
      inputTokens: 14,
      outputTokens: 2,
    });
  });

  it('counts an answer without usage, and says so', async () => {
    const { model } = await start(
      streaming(textChunk('The capital of France '), textChunk('is Paris.'), endChunk(), DONE),
    );
    const { usage } = endOf((await collect(model.stream(call()))).events);
    expect(usage).toEqual({ inputTokens: 11, outputTokens: 7, isEstimated: true, raw: '' });
  });

  it('reads CRLF, comments, other fields, data without a blank, and an end without a blank line', async () => {
    const text = [
      ': keep-alive\r\n\r\n',
      'event: message\r\nid: 7\r\n',
      `data:${JSON.stringify(textChunk('Par'))}\r\n\r\n`,
      `data: ${JSON.stringify(textChunk('is.')).replace('"choices"', '\r\ndata: "choices"')}\r\n\r\n`,
      `data: ${JSON.stringify(endChunk())}\r\n\r\n`,
      `data: ${JSON.stringify(usageChunk())}\r\n\r\n`,
      'data: [DONE]',
    ].join('');
    const { model } = await start(streaming(text));
    const { events, fault } = await collect(model.stream(call()));
    expect(fault).toBeUndefined();
    expect(textOf(events)).toBe('Paris.');
    expect(endOf(events).usage.isEstimated).toBe(false);
  });

  it('ends with the connection where the server sends no end marker', async () => {
    const { model } = await start(streaming(textChunk('Paris.'), endChunk('length'), usageChunk()));
    expect(endOf((await collect(model.stream(call()))).events)).toMatchObject({ stopReason: 'max_tokens' });
  });

  it('survives characters and lines that are split at every byte', async () => {
    const bytes = Buffer.from(
      [textChunk('Zürich, 東京 '), textChunk('🚀'), endChunk(), usageChunk()]
        .map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`)
        .join('') + DONE,
    );
    const { model } = await start((_request, reply) => {
      reply.writeHead(200);
      reply.socket?.setNoDelay(true);
      let at = 0;
      const next = (): void => {
        if (at === bytes.length) reply.end();
        else reply.write(bytes.subarray(at, ++at), () => setImmediate(next));
      };
      next();
    });
    expect(textOf((await collect(model.stream(call()))).events)).toBe('Zürich, 東京 🚀');
  });

  describe('that breaks off', () => {
    const soFar = { inputTokens: 11, outputTokens: 7, isEstimated: true, raw: '' };
    const text = textChunk('The capital of France is Paris.');

    async function brokenBy(script: Script, options: Partial<OpenAiModelOptions> = {}) {
      const { model } = await start(script, options);
      const { events, fault } = await collect(model.stream(call()));
      expect(fault?.code).toBe('ModelStreamErrorException');
      return { events, usage: fault?.fields.usage as TokenUsage, reason: fault?.fields.originalMessage };
    }

    it('because the connection is cut has the usage so far', async () => {
      const { events, usage } = await brokenBy((_request, reply) => {
        reply.writeHead(200);
        reply.write(`data: ${JSON.stringify(text)}\n\n`, () => setImmediate(() => reply.destroy()));
      });
      expect(textOf(events)).toBe('The capital of France is Paris.');
      expect(usage).toEqual(soFar);
    });

    it('because the server ends it early has the usage so far', async () => {
      const { usage, reason } = await brokenBy(streaming(text));
      expect(usage).toEqual(soFar);
      expect(reason).toBe('the upstream ended the stream before the answer');
    });

    it('after a usage was reported keeps it, flagged', async () => {
      const { usage } = await brokenBy(streaming({ ...text, usage: USAGE }));
      expect(usage).toEqual({ inputTokens: 14, outputTokens: 2, isEstimated: true, raw: JSON.stringify(USAGE) });
    });

    it('because the server goes silent has the usage so far', async () => {
      const { usage, reason } = await brokenBy(
        (_request, reply) => {
          reply.writeHead(200);
          reply.write(`data: ${JSON.stringify(text)}\n\n`);
        },
        { idleTimeoutMs: 50 },
      );
      expect(usage).toEqual(soFar);
      expect(reason).toBe('the upstream sent nothing for too long');
    });

    it.each([
      ['data: {not json}\n\n', 'the upstream sent a chunk that is not JSON'],
      ['data: 7\n\n', 'the upstream sent a chunk that is not an object'],
      ['data: {"error": {"message": "out of memory, sk-secret"}}\n\n', 'out of memory, ***'],
    ])('at %s', async (broken, reason) => {
      const outcome = await brokenBy(streaming(text, broken, endChunk(), DONE), { apiKey: 'sk-secret' });
      expect(outcome.reason).toBe(reason);
      expect(outcome.usage).toEqual(soFar);
    });

    it('at a line that does not end', async () => {
      const endless: Script = (_request, reply) => {
        reply.writeHead(200);
        reply.write('data: "');
        for (let part = 0; part < 5; part++) reply.write('x'.repeat(1_024 * 1_024));
      };
      expect((await brokenBy(endless)).reason).toBe('the upstream sent an event that is longer than allowed');
    });

    it('at more bytes than allowed', async () => {
      const many = Array.from({ length: 50 }, () => text);
      expect((await brokenBy(streaming(...many), { maxResponseBytes: 1_000 })).reason).toBe(
        'the answer is longer than allowed',
      );
    });
  });

  it('slows the upstream down when the consumer is slow, and loses nothing', async () => {
    let written = 0;
    const chunks = 40_000;
    const { model } = await start((_request, reply) => {
      reply.writeHead(200);
      const write = (): void => {
        while (written < chunks) {
          written += 1;
          if (!reply.write(`data: ${JSON.stringify(textChunk(`${written} `.padEnd(400, '.')))}\n\n`)) {
            reply.once('drain', write);
            return;
          }
        }
        reply.end(`data: ${JSON.stringify(endChunk())}\n\ndata: ${JSON.stringify(usageChunk())}\n\n${DONE}`);
      };
      write();
    });
    const events = model.stream(call())[Symbol.asyncIterator]();
    await events.next();
    let before = -1;
    const hasStopped = (): boolean => {
      const isSame = before === written;
      before = written;
      return isSame;
    };
    await expect.poll(hasStopped, { interval: 100 }).toBe(true);
    expect(written).toBeLessThan(chunks);
    let deltas = 0;
    for (let item = await events.next(); !item.done; item = await events.next()) {
      if (item.value.type === 'blockDelta') deltas += 1;
    }
    expect(deltas).toBe(chunks);
  });

  it('ends the request when the consumer leaves early', async () => {
    let closed = false;
    const { model } = await start((_request, reply) => {
      reply.writeHead(200);
      reply.on('close', () => {
        closed = true;
      });
      reply.write(`data: ${JSON.stringify(textChunk('Paris.'))}\n\n`);
    });
    for await (const event of model.stream(call())) if (event.type === 'blockDelta') break;
    await expect.poll(() => closed, { interval: 5 }).toBe(true);
  });

  it('gives its place back however it ends', async () => {
    // More than may wait: the upstream is paused when the consumer leaves.
    const many = Array.from({ length: 1_000 }, () => textChunk('x'));
    const { model } = await start(streaming(...many, endChunk(), usageChunk(), DONE), { maxConnections: 1 });
    for (let round = 0; round < 8; round++) {
      if (round % 2 === 0) for await (const _event of model.stream(call())) break;
      else await collect(model.stream(call()));
    }
    expect((await collect(model.stream(call()))).fault).toBeUndefined();
  });
});
