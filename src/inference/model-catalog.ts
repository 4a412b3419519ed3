import { parseArn } from '../kernel/arn.ts';
import { Fault, type FaultCause } from '../kernel/fault.ts';
import type { TagSet } from '../kernel/tags.ts';
import { anthropicNames } from './anthropic-name.ts';
import { type ApplicationInferenceProfile, applicationProfileArn } from './application-inference-profile.ts';
import { geographyOf } from './geography.ts';
import type { ModelKind } from './native-call.ts';

/** What Bedrock calls the kinds of content a model reads and writes. */
export type Modality = 'TEXT' | 'IMAGE' | 'EMBEDDING';

/** A row of `prices/models.json`, or a model that the configuration adds. Only the id is needed. */
export interface FoundationModel {
  /** `anthropic.claude-sonnet-4-6`, `amazon.nova-lite-v1:0`: the key of the price book. */
  readonly modelId: string;
  /** As AWS writes it: `Anthropic`. Absent: what stands before the id's first dot. */
  readonly provider?: string;
  /** `Claude Sonnet 4.6`. Absent: the id. */
  readonly displayName?: string;
  /** Absent: text. */
  readonly inputModalities?: readonly Modality[];
  /** Absent: text. */
  readonly outputModalities?: readonly Modality[];
  /** False for models that answer in one piece only. Absent: true. */
  readonly isStreaming?: boolean;
  /** Regions that offer the model. Absent: every region. */
  readonly regions?: readonly string[];
  /** Prefixes of its system inference profiles: `us`, `eu`, `global`. Absent: none. */
  readonly profiles?: readonly string[];
}

/** A system inference profile as one caller sees it: its ARN holds the caller's region and account. */
export interface InferenceProfile {
  /** `us.anthropic.claude-sonnet-4-6`. */
  readonly profileId: string;
  readonly profileArn: string;
  readonly name: string;
  readonly description: string;
  readonly modelArns: readonly string[];
}

/** What a caller's model identifier stands for. */
export interface ResolvedModel {
  readonly modelId: string;
  readonly route: 'in_region' | 'geo' | 'global';
  /** `line_item_resource_id`: the profile's ARN where one was named, else the model's. */
  readonly resourceArn: string;
  /** The model in the caller's region: policies must allow it besides the profile. */
  readonly foundationModelArn: string;
  /** Present when a provisioned or an imported model was named: paid for by the hour. */
  readonly heldModelArn?: string;
  /** Present when an inference profile was named. */
  readonly inferenceProfileArn?: string;
  /** The system inference profile that was named, or from which the named application profile was copied. */
  readonly systemProfileId?: string;
  /** Tags of the application inference profile that was named. Absent: none was, and nothing else can have tags. */
  readonly resourceTags?: TagSet;
}

/** What a call says of the profiles that its model was named by. */
export function profileFacts(
  model: ResolvedModel,
): Pick<ResolvedModel, 'inferenceProfileArn' | 'systemProfileId' | 'heldModelArn'> {
  const { inferenceProfileArn, systemProfileId, heldModelArn } = model;
  return {
    ...(inferenceProfileArn !== undefined && { inferenceProfileArn }),
    ...(systemProfileId !== undefined && { systemProfileId }),
    ...(heldModelArn !== undefined && { heldModelArn }),
  };
}

/** Where and by whom a model is asked for. */
export interface ModelScope {
  readonly region: string;
  readonly accountId: string;
}

/** Models that are paid for by the hour. */
export interface HeldModelSource {
  /** The model that is run, by the ARN of a provisioned or an imported model. Undefined: there is none. */
  get(arn: string): { readonly modelId: string } | undefined;
}

/** Where application inference profiles are looked up, by ARN. */
export type ApplicationProfileSource = Pick<ReadonlyMap<string, ApplicationInferenceProfile>, 'get'>;

/** The models on offer and every way to name them. */
export class ModelCatalog {
  readonly #applicationProfiles: ApplicationProfileSource;
  readonly #heldModels: HeldModelSource;
  readonly #models = new Map<string, FoundationModel>();
  /** Accepted spellings of the ids, beside the ids themselves. */
  readonly #aliases = new Map<string, FoundationModel>();

  /** A later model replaces an earlier one of the same id, so that a configuration can correct the shipped list. */
  constructor(
    models: readonly FoundationModel[],
    applicationProfiles: ApplicationProfileSource = new Map(),
    heldModels: HeldModelSource = new Map(),
  ) {
    this.#applicationProfiles = applicationProfiles;
    this.#heldModels = heldModels;
    for (const model of models) this.#models.set(model.modelId, model);
    const ambiguous = new Set<string>();
    for (const model of this.#models.values()) {
      for (const alias of [...spellings(model.modelId), ...anthropicNames(model.modelId)]) {
        if (this.#aliases.has(alias)) ambiguous.add(alias);
        this.#aliases.set(alias, model);
      }
    }
    for (const alias of ambiguous) this.#aliases.delete(alias);
  }

  /**
   * Reads a model id, a foundation model ARN, or the id or ARN of an inference profile.
   * Throws Bedrock's own faults: ValidationException for an identifier that means nothing, ResourceNotFoundException for
   * a well-formed ARN of something that does not exist.
   */
  resolve(requestedModelId: string, scope: ModelScope): ResolvedModel {
    const arn = parseArn(requestedModelId);
    if (arn === undefined) {
      const resolved =
        this.#modelNamed(requestedModelId, scope) ??
        this.#profileNamed(requestedModelId, scope) ??
        this.#applicationProfileNamed(requestedModelId, scope);
      if (!resolved) throw unknownModel('ValidationException', 'The provided model identifier is invalid.');
      return resolved;
    }
    if (arn.partition !== 'aws' || arn.service !== 'bedrock' || arn.region !== scope.region) {
      throw unknownModel('ValidationException', 'The provided model identifier is invalid.');
    }
    const [type, id] = splitOnce(arn.resource, '/');
    let resolved: ResolvedModel | undefined;
    if (type === 'foundation-model' && arn.accountId === '') resolved = this.#modelNamed(id, scope);
    if (type === 'inference-profile' && arn.accountId === scope.accountId) resolved = this.#profileNamed(id, scope);
    if (type === 'application-inference-profile' && arn.accountId === scope.accountId) {
      resolved = this.#applicationProfileNamed(id, scope);
    }
    if (/^(provisioned|imported)-model$/.test(type) && arn.accountId === scope.accountId) {
      resolved = this.#heldModelNamed(requestedModelId);
    }
    if (resolved) return resolved;
    throw unknownModel(
      'ResourceNotFoundException',
      'Could not resolve the foundation model from the provided model identifier.',
    );
  }

  /** The id that `resolve` returns for a model by any of its spellings; undefined when there is no such model. */
  modelIdOf(spelling: string): string | undefined {
    return this.#find(spelling)?.modelId;
  }

  /** The same for a name that may also be a system inference profile's id, whichever regions it can be called from. */
  modelIdNamed(name: string): string | undefined {
    const [prefix, rest] = splitOnce(name, '.');
    const ofProfile = this.#find(rest);
    return this.modelIdOf(name) ?? (ofProfile?.profiles?.includes(prefix) ? ofProfile.modelId : undefined);
  }

  /** The catalogue's row behind an id that `resolve` returned. */
  model(modelId: string): FoundationModel | undefined {
    return this.#models.get(modelId);
  }

  /** Models on offer in a region, in the order of their ids. */
  models(region: string): FoundationModel[] {
    return [...this.#models.values()]
      .filter((model) => isOffered(model, region))
      .sort((a, b) => (a.modelId < b.modelId ? -1 : 1));
  }

  /** System inference profiles that can be called from a region, in the order of their ids. */
  inferenceProfiles(scope: ModelScope): InferenceProfile[] {
    return this.models(scope.region)
      .flatMap((model) => (model.profiles ?? []).map((prefix) => profileOf(prefix, model, scope)))
      .filter((profile) => profile !== undefined)
      .sort((a, b) => (a.profileId < b.profileId ? -1 : 1));
  }

  #modelNamed(id: string, scope: ModelScope): ResolvedModel | undefined {
    const model = this.#find(id);
    if (!model || !isOffered(model, scope.region)) return undefined;
    const modelArn = foundationModelArn(model.modelId, scope.region);
    return { modelId: model.modelId, route: 'in_region', resourceArn: modelArn, foundationModelArn: modelArn };
  }

  #profileNamed(id: string, scope: ModelScope): ResolvedModel | undefined {
    const [prefix, modelId] = splitOnce(id, '.');
    const model = this.#find(modelId);
    if (!model || !isOffered(model, scope.region) || !model.profiles?.includes(prefix)) return undefined;
    if (!isCallable(prefix, scope.region)) return undefined;
    const systemProfileId = `${prefix}.${model.modelId}`;
    const arn = profileArn(systemProfileId, scope);
    return {
      modelId: model.modelId,
      route: prefix === 'global' ? 'global' : 'geo',
      resourceArn: arn,
      foundationModelArn: foundationModelArn(model.modelId, scope.region),
      inferenceProfileArn: arn,
      systemProfileId,
    };
  }

  #heldModelNamed(arn: string): ResolvedModel | undefined {
    const held = this.#heldModels.get(arn);
    return (
      held && {
        modelId: held.modelId,
        route: 'in_region',
        resourceArn: arn,
        foundationModelArn: arn,
        heldModelArn: arn,
      }
    );
  }

  /** What the profile's source stands for, under the profile's own name and tags. */
  #applicationProfileNamed(profileId: string, scope: ModelScope): ResolvedModel | undefined {
    const arn = applicationProfileArn({ profileId, ...scope });
    const profile = this.#applicationProfiles.get(arn);
    return (
      profile && {
        ...this.resolve(profile.sourceArn, scope),
        resourceArn: arn,
        inferenceProfileArn: arn,
        resourceTags: profile.tags,
      }
    );
  }

  #find(id: string): FoundationModel | undefined {
    return this.#models.get(id) ?? this.#aliases.get(id);
  }
}

function unknownModel(code: 'ValidationException' | 'ResourceNotFoundException', message: string): Fault {
  return new Fault(code, message, { cause: 'unknown_model' satisfies FaultCause });
}

/** AWS's word for the maker of a model. */
export function providerOf(model: FoundationModel): string {
  return model.provider ?? splitOnce(model.modelId, '.')[0];
}

/** What a model answers that is no text; undefined for those that write. */
export function nativeKindOf({ modelId, outputModalities = [] }: FoundationModel): ModelKind | undefined {
  if (outputModalities.includes('EMBEDDING')) return 'embedding';
  if (outputModalities.includes('IMAGE')) return 'image';
  // AWS lists rerankers as models that answer text: only their ids tell them apart.
  return /[.]rerank-/.test(modelId) ? 'rerank' : undefined;
}

export function foundationModelArn(modelId: string, region: string): string {
  return `arn:aws:bedrock:${region}::foundation-model/${modelId}`;
}

function profileArn(profileId: string, scope: ModelScope): string {
  return `arn:aws:bedrock:${scope.region}:${scope.accountId}:inference-profile/${profileId}`;
}

/**
 * Clients write the first version of a model with and without its suffix: `claude-sonnet-4-6-v1:0` for
 * `claude-sonnet-4-6`, `gpt-oss-120b` for `gpt-oss-120b-1:0`. Later versions are models of their own.
 */
function spellings(modelId: string): string[] {
  const stem = modelId.replace(/(-v?1)?:0$|-v1$/, '');
  const all = [stem, `${stem}:0`, `${stem}-v1`, `${stem}-v1:0`, `${stem}-1:0`];
  return all.filter((spelling) => spelling !== modelId);
}

function isOffered(model: FoundationModel, region: string): boolean {
  return model.regions === undefined || model.regions.includes(region);
}

function isCallable(prefix: string, region: string): boolean {
  return prefix === 'global' || (geographyOf(prefix)?.sourceRegions.includes(region) ?? false);
}

function profileOf(prefix: string, model: FoundationModel, scope: ModelScope): InferenceProfile | undefined {
  if (!isCallable(prefix, scope.region)) return undefined;
  const geography = geographyOf(prefix);
  const regions = [...new Set([scope.region, ...(geography?.destinationRegions ?? [])])].sort();
  const profileId = `${prefix}.${model.modelId}`;
  const fullName = `${providerOf(model)} ${model.displayName ?? model.modelId}`;
  const modelArns = regions.map((region) => foundationModelArn(model.modelId, region));
  return {
    profileId,
    profileArn: profileArn(profileId, scope),
    name: `${geography?.name ?? 'Global'} ${fullName}`,
    description: geography
      ? `Routes requests to ${fullName} in ${listed(regions)}.`
      : `Routes requests to ${fullName} globally across all supported AWS Regions.`,
    // A global profile names the model without a region as well.
    modelArns: geography ? modelArns : [...modelArns, foundationModelArn(model.modelId, '')],
  };
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

/** The text before and after the first separator; all before and nothing after when there is none. */
function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
