import type { ServerSentEvent } from '../server-sent-event.ts';

/** The events as bytes, made when they are asked for. What goes wrong in the source is for the source to say as an event. */
export async function* serverSentEvents(events: AsyncIterable<ServerSentEvent>): AsyncGenerator<Buffer> {
  for await (const { event, data } of events) {
    const text = typeof data === 'string' ? data : JSON.stringify(data);
    yield Buffer.from(`${event === undefined ? '' : `event: ${event}\n`}data: ${text}\n\n`);
  }
}
