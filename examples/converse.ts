// One inference call with the AWS SDK for JavaScript. Endpoint, region and credentials come from the environment:
//
//   eval "$(npx tallyline env)"
//   npx node examples/converse.ts
import { BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime';

const bedrock = new BedrockRuntimeClient({});
const { output, usage } = await bedrock.send(
  new ConverseCommand({
    modelId: 'us.anthropic.claude-sonnet-4-6',
    messages: [{ role: 'user', content: [{ text: 'Say hello.' }] }],
  }),
);
console.log(output?.message?.content?.[0]?.text);
console.log(`${usage?.inputTokens} input tokens, ${usage?.outputTokens} output tokens`);
