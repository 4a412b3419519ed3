/** A line of a batch's input for Claude, and what the simulated model is to count for it. */
export const record = (recordId: string, inputTokens: number, outputTokens: number) => ({
  recordId,
  modelInput: {
    anthropic_version: 'bedrock-2023-05-31',
    max_tokens: 100,
    messages: [{ role: 'user', content: 'hello' }],
    simulate: { inputTokens, outputTokens },
  },
});
