import { blockText } from '../../inference/block-text.ts';
import { isJsonObject } from '../../inference/json-value.ts';
import type { ModelEvent } from '../../inference/model-backend.ts';
import type { ContentBlock, JsonObject } from '../../inference/model-call.ts';

/** An event of a Responses stream without its place in the stream. */
export interface ResponseEvent extends JsonObject {
  readonly type: string;
}

/** How one kind of output item is told, piece by piece. */
interface ItemForm {
  readonly idPrefix: 'msg' | 'rs' | 'fc';
  readonly item: (text: string, isDone: boolean) => JsonObject;
  /** The part of the item that holds the text. Absent: the item itself does. */
  readonly part?: {
    readonly place: JsonObject;
    readonly addedType: string;
    readonly doneType: string;
    readonly of: (text: string) => JsonObject;
  };
  /** `.delta` and `.done` are told of it. */
  readonly textType: string;
  readonly done: (text: string) => JsonObject;
  /** What the deltas of a text have beside it. */
  readonly extra?: JsonObject;
}

const NO_LOGPROBS = { logprobs: [] };

const MESSAGE: ItemForm = {
  idPrefix: 'msg',
  item: (text, isDone) => ({
    type: 'message',
    ...statusOf(isDone),
    role: 'assistant',
    content: isDone ? [outputText(text)] : [],
  }),
  part: {
    place: { content_index: 0 },
    addedType: 'response.content_part.added',
    doneType: 'response.content_part.done',
    of: outputText,
  },
  textType: 'response.output_text',
  done: (text) => ({ text, ...NO_LOGPROBS }),
  extra: NO_LOGPROBS,
};

const REASONING: ItemForm = {
  idPrefix: 'rs',
  item: (text, isDone) => ({
    ...{ type: 'reasoning', ...statusOf(isDone), summary: [] },
    content: isDone ? [{ type: 'reasoning_text', text }] : [],
  }),
  part: {
    place: { content_index: 0 },
    addedType: 'response.content_part.added',
    doneType: 'response.content_part.done',
    of: (text) => ({ type: 'reasoning_text', text }),
  },
  textType: 'response.reasoning_text',
  done: (text) => ({ text }),
};

/** For clients that ask for a summary of the reasoning: they show nothing else of it. */
const REASONING_SUMMARY: ItemForm = {
  idPrefix: 'rs',
  item: (text, isDone) => ({ type: 'reasoning', ...statusOf(isDone), summary: isDone ? [summaryText(text)] : [] }),
  part: {
    place: { summary_index: 0 },
    addedType: 'response.reasoning_summary_part.added',
    doneType: 'response.reasoning_summary_part.done',
    of: summaryText,
  },
  textType: 'response.reasoning_summary_text',
  done: (text) => ({ text }),
};

function functionCall({ toolUseId = '', name = '' }: JsonObject): ItemForm {
  return {
    idPrefix: 'fc',
    item: (text, isDone) => ({ type: 'function_call', ...statusOf(isDone), call_id: toolUseId, name, arguments: text }),
    textType: 'response.function_call_arguments',
    done: (text) => ({ name, arguments: text }),
  };
}

/** Makes the output items of a Responses object, and the events that tell of them as they grow. */
export class ResponseItems {
  readonly done: JsonObject[] = [];
  readonly #responseId: string;
  readonly #reasoning: ItemForm;
  #open: { readonly form: ItemForm; readonly id: string; text: string } | undefined;

  constructor(responseId: string, wantsSummary: boolean) {
    this.#responseId = responseId;
    this.#reasoning = wantsSummary ? REASONING_SUMMARY : REASONING;
  }

  read(event: ModelEvent): ResponseEvent[] {
    switch (event.type) {
      case 'blockStart': {
        const { toolUse } = event.start;
        return isJsonObject(toolUse) ? this.#begin(functionCall(toolUse)) : [];
      }
      case 'blockDelta': {
        const { text, toolUse, reasoningContent } = event.delta;
        if (typeof text === 'string') return this.#write(text, MESSAGE);
        if (isJsonObject(toolUse)) return this.#write(String(toolUse.input ?? ''));
        const reasoned = isJsonObject(reasoningContent) ? reasoningContent.text : undefined;
        return typeof reasoned === 'string' ? this.#write(reasoned, this.#reasoning) : [];
      }
      case 'blockStop':
      case 'end':
        return this.#end();
      default:
        return [];
    }
  }

  /** The same for a block that came whole. */
  readBlock(block: ContentBlock): void {
    const { toolUse, reasoningContent } = block;
    const text = blockText(block);
    if (text !== undefined) this.#write(text, MESSAGE);
    else if (isJsonObject(toolUse)) {
      this.#begin(functionCall(toolUse));
      this.#write(JSON.stringify(toolUse.input ?? {}));
    } else if (isJsonObject(reasoningContent) && isJsonObject(reasoningContent.reasoningText)) {
      this.#write(String(reasoningContent.reasoningText.text ?? ''), this.#reasoning);
    }
    this.#end();
  }

  #begin(form: ItemForm): ResponseEvent[] {
    const before = this.#end();
    const id = `${form.idPrefix}_${this.#responseId}_${this.done.length}`;
    this.#open = { form, id, text: '' };
    const events = [this.#itemEvent('response.output_item.added', { id, ...form.item('', false) })];
    if (form.part) events.push(this.#event(form.part.addedType, { ...form.part.place, part: form.part.of('') }));
    return [...before, ...events];
  }

  /** A text without a beginning of its own begins an item, unless one of its form is open. */
  #write(text: string, form?: ItemForm): ResponseEvent[] {
    const before = form && this.#open?.form !== form ? this.#begin(form) : [];
    const open = this.#open;
    if (!open || text === '') return before;
    open.text += text;
    const { part, textType, extra } = open.form;
    return [...before, this.#event(`${textType}.delta`, { ...part?.place, delta: text, ...extra })];
  }

  #end(): ResponseEvent[] {
    const open = this.#open;
    if (!open) return [];
    const { form, id, text } = open;
    const { part, textType } = form;
    const item = { id, ...form.item(text, true) };
    const events = [this.#event(`${textType}.done`, { ...part?.place, ...form.done(text) })];
    if (part) events.push(this.#event(part.doneType, { ...part.place, part: part.of(text) }));
    events.push(this.#itemEvent('response.output_item.done', item));
    this.done.push(item);
    this.#open = undefined;
    return events;
  }

  #event(type: string, members: JsonObject): ResponseEvent {
    return { type, item_id: this.#open?.id ?? '', output_index: this.done.length, ...members };
  }

  #itemEvent(type: string, item: JsonObject): ResponseEvent {
    return { type, output_index: this.done.length, item };
  }
}

function statusOf(isDone: boolean): JsonObject {
  return { status: isDone ? 'completed' : 'in_progress' };
}

function outputText(text: string): JsonObject {
  return { type: 'output_text', text, annotations: [], ...NO_LOGPROBS };
}

function summaryText(text: string): JsonObject {
  return { type: 'summary_text', text };
}
