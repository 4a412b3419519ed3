import { Fault } from '../kernel/fault.ts';
import type { ModelBackend } from './model-backend.ts';

/** Where a model is served, and under which name. */
export interface ModelRoute {
  readonly backend: ModelBackend;
  readonly upstreamModelId: string;
}

/** One configured upstream: the models it serves, by the price book's id to the upstream's own; `all` for every model. */
export interface UpstreamModels {
  readonly backend: ModelBackend;
  readonly models: ReadonlyMap<string, string> | 'all';
}

/** Chooses the upstream of a model: the first configured one that names it, else the first that serves all. */
export class ModelRouter {
  readonly #upstreams: readonly UpstreamModels[];

  constructor(upstreams: readonly UpstreamModels[]) {
    this.#upstreams = upstreams;
  }

  route(modelId: string): ModelRoute {
    for (const { backend, models } of this.#upstreams) {
      const upstreamModelId = models === 'all' ? undefined : models.get(modelId);
      if (upstreamModelId !== undefined) return { backend, upstreamModelId };
    }
    const catchAll = this.#upstreams.find(({ models }) => models === 'all');
    if (!catchAll) {
      throw new Fault('AccessDeniedException', "You don't have access to the model with the specified model ID.");
    }
    return { backend: catchAll.backend, upstreamModelId: modelId };
  }

  async close(): Promise<void> {
    await Promise.all(this.#upstreams.map(({ backend }) => backend.close()));
  }
}
