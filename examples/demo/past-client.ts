import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { ClientConfig } from './organisation.ts';

/** Answers come with the date of this machine's clock, from which the AWS SDK would set its own right. */
class DatelessHandler extends NodeHttpHandler {
  override async handle(...parts: Parameters<NodeHttpHandler['handle']>): ReturnType<NodeHttpHandler['handle']> {
    const answer = await super.handle(...parts);
    delete answer.response.headers.date;
    return answer;
  }
}

/** For one client of a server whose clock is so far off. */
export function pastConfig(config: ClientConfig, offsetMs: number) {
  return { ...config, systemClockOffset: offsetMs, requestHandler: new DatelessHandler() };
}
