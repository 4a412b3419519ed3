/** One server-sent event. */
export interface ServerSentEvent {
  /** Absent: the event has no name. */
  readonly event?: string;
  /** Written as JSON, but for text, which is written as it is: OpenAI's `[DONE]`. */
  readonly data: unknown;
}
