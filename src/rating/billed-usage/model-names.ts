import { geographyOf } from '../../inference/geography.ts';
import { parseArn } from '../../kernel/arn.ts';
import type { Route } from '../../metering/usage-event.ts';
import { type BilledModel, soldAs } from '../billed-model.ts';

/** The models that are listed, by every name that a bill has for one. */
export class ModelNames {
  readonly #byId = new Map<string, BilledModel>();
  readonly #byUsageName = new Map<string, BilledModel>();
  readonly #byTitle = new Map<string, BilledModel[]>();
  readonly #byProductCode = new Map<string, BilledModel>();

  constructor(models: Iterable<BilledModel>) {
    for (const model of models) {
      this.#byId.set(model.modelId, model);
      const bare = withoutVersion(model.modelId);
      if (!this.#byId.has(bare)) this.#byId.set(bare, model);
      this.#byUsageName.set(usageName(model.usageTypeName), model);
      const title = titleKey(model.displayName);
      this.#byTitle.set(title, [...(this.#byTitle.get(title) ?? []), model]);
      if (model.marketplace) this.#byProductCode.set(soldAs(model).productCode, model);
    }
  }

  /** By the id, also without its version: `amazon.nova-lite`. */
  ofId(modelId: string): BilledModel | undefined {
    return this.#byId.get(modelId) ?? this.#byId.get(withoutVersion(modelId));
  }

  /** By the spelling inside usage types: `Claude4.6Sonnet`. */
  ofUsageName(name: string): BilledModel | undefined {
    return this.#byUsageName.get(usageName(name)) ?? this.#byUsageName.get(usageName(standardName(name)));
  }

  /** By the name that people read, with or without AWS's `(Amazon Bedrock Edition)`. Undefined where several have it. */
  ofTitle(title: string): BilledModel | undefined {
    const found = this.#byTitle.get(titleKey(title)) ?? [];
    return found.length === 1 ? found[0] : undefined;
  }

  /** By the product code of AWS Marketplace. */
  ofProductCode(code: string): BilledModel | undefined {
    return this.#byProductCode.get(code);
  }
}

/** What the ARN of a foundation model or of a system inference profile says. */
export interface NamedModel {
  readonly modelId: string;
  readonly route: Route;
}

/** Undefined for an ARN that names neither. */
export function modelOfArn(text: string): NamedModel | undefined {
  const [, type, id] = /^(foundation-model|inference-profile)\/(.+)$/.exec(parseArn(text)?.resource ?? '') ?? [];
  if (id === undefined) return undefined;
  if (type === 'foundation-model') return { modelId: id, route: 'in_region' };
  const [, prefix, modelId] = /^([^.]+)\.(.+)$/.exec(id) ?? [];
  if (prefix === undefined || modelId === undefined) return undefined;
  if (prefix === 'global') return { modelId, route: 'global' };
  const isGeography = geographyOf(prefix) !== undefined || prefix === 'us-gov';
  return isGeography ? { modelId, route: 'geo' } : undefined;
}

/** `Claude Sonnet 4.6` of `Claude Sonnet 4.6 (Amazon Bedrock Edition)`. */
export function withoutEdition(title: string): string {
  return title.replace(/ *\(Amazon Bedrock Edition\)$/i, '');
}

/** Custom output of Data Automation is named apart from its standard one; both are one feature here. */
function standardName(name: string): string {
  return name.replace(/^DataAutomation-Custom$/, 'DataAutomation-Standard');
}

function titleKey(title: string): string {
  return withoutEdition(title)
    .toLowerCase()
    .replaceAll(/[^a-z0-9.]/g, '');
}

function usageName(name: string): string {
  return name.toLowerCase();
}

/** `anthropic.claude-sonnet-4-20250514-v1:0` is also known as `anthropic.claude-sonnet-4-20250514` and `...-v1`. */
function withoutVersion(modelId: string): string {
  return modelId.replace(/-v\d+$|(-v?\d+)?:\d+$/, '');
}
