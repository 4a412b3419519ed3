import { Fault } from '../../kernel/fault.ts';
import { isJsonObject, isNestedTooDeep } from '../json-value.ts';
import type { ContentBlock, JsonObject, ModelMessage } from '../model-call.ts';

/**
 * What Converse asks of a conversation before any model sees it. Texts are AWS's, as quoted in public bug reports
 * (checked 2026-11). Messages with the newer role `system` take no part in the alternation.
 */
export function checkConversation(messages: readonly ModelMessage[], hasToolConfig: boolean): void {
  const turns = messages.filter((message) => message.role !== 'system');
  if (turns[0]?.role !== 'user') {
    throw invalid(
      'A conversation must start with a user message. Try again with a conversation that starts with a user message.',
    );
  }
  if (turns.some((turn, index) => index > 0 && turn.role === turns[index - 1]?.role)) {
    throw invalid(
      'A conversation must alternate between user and assistant roles. ' +
        'Make sure the conversation alternates between user and assistant roles and try again.',
    );
  }
  messages.forEach((message, index) => {
    checkContent(message.content, `messages.${index}`);
  });
  checkToolPairs(messages, hasToolConfig);
}

function checkContent(content: readonly ContentBlock[], place: string): void {
  if (content.length === 0) {
    throw invalid(
      `The content field in the Message object at ${place} is empty. ` +
        'Add a ContentBlock object to the content field and try again.',
    );
  }
  content.forEach((block, index) => {
    const blockPlace = `${place}.content.${index}`;
    if (typeof block.text === 'string' && block.text.trim() === '') {
      throw invalid(
        `The text field in the ContentBlock object at ${blockPlace} is blank. Add text to the text field, and try again.`,
      );
    }
    checkDocuments(block, blockPlace);
  });
}

function checkDocuments(block: ContentBlock, place: string): void {
  if (isJsonObject(block.toolUse)) {
    const { input } = block.toolUse;
    if (!isJsonObject(input) || isNestedTooDeep(input)) throw invalidDocument(`${place}.toolUse.input`);
  }
  toolResultContent(block).forEach((inner, index) => {
    if (isNestedTooDeep(inner)) throw invalidDocument(`${place}.toolResult.content.${index}.json`);
  });
}

/** Every tool use of an assistant's turn is answered in the next turn, and nothing else is. */
function checkToolPairs(messages: readonly ModelMessage[], hasToolConfig: boolean): void {
  let openIds: readonly string[] = [];
  messages.forEach(({ role, content }, index) => {
    if (role === 'system') return;
    const usedIds = memberIds(content, 'toolUse');
    const resultIds = memberIds(content, 'toolResult');
    if (!hasToolConfig && usedIds.length + resultIds.length > 0) {
      throw invalid('The toolConfig field must be defined when using toolUse and toolResult content blocks.');
    }
    const place = `messages.${index}.content`;
    if (resultIds.length > openIds.length) {
      throw invalid(
        `The number of toolResult blocks at ${place} exceeds the number of toolUse blocks of previous turn.`,
      );
    }
    const answeredIds = new Set(resultIds);
    const missingIds = openIds.filter((id) => !answeredIds.has(id));
    if (missingIds.length > 0) {
      throw invalid(`Expected toolResult blocks at ${place} for the following Ids: ${missingIds.join(', ')}`);
    }
    openIds = usedIds;
  });
}

function memberIds(content: readonly ContentBlock[], member: 'toolUse' | 'toolResult'): string[] {
  return content
    .map((block) => block[member])
    .filter(isJsonObject)
    .map((tool: JsonObject) => String(tool.toolUseId));
}

function toolResultContent(block: ContentBlock): readonly unknown[] {
  return isJsonObject(block.toolResult) && Array.isArray(block.toolResult.content) ? block.toolResult.content : [];
}

function invalidDocument(place: string): Fault {
  return invalid(`The format of the value at ${place} is invalid. Provide a json object for the field and try again.`);
}

function invalid(message: string): Fault {
  return new Fault('ValidationException', message);
}
