import { type InvocationJob, type ObjectPlace, readObjectUri } from '../../batches/invocation-job.ts';
import type { ObjectStoreOf } from '../../kernel/object-store.ts';
import { inputKeys } from './batch-input.ts';
import { bucketOf, outputFolder } from './batch-output.ts';

/** Where the files of a job lie while an upstream works on them. */
export interface JobPlaces {
  readonly input: ObjectPlace;
  readonly output: ObjectPlace;
}

/** A folder of the job's own below the one that submitters cannot write. */
export function workPlaces(job: InvocationJob, workFolder: string): JobPlaces {
  const { bucket, key } = readObjectUri(workFolder)!;
  const folder = `${key}${key === '' || key.endsWith('/') ? '' : '/'}${job.accountId}-${job.jobId}/`;
  return {
    input: { bucket, key: `${folder}in/${job.input.key.slice(job.input.key.lastIndexOf('/') + 1)}` },
    output: { bucket, key: `${folder}out/` },
  };
}

/** Puts the input where its submitter cannot change it any more. Throws ValidationException where there is none. */
export async function takeInput(job: InvocationJob, work: JobPlaces, storeOf: ObjectStoreOf): Promise<void> {
  const isFolder = work.input.key.endsWith('/');
  for (const key of await inputKeys(job, storeOf)) {
    const to = isFolder ? `${work.input.key}${key.slice(job.input.key.length)}` : work.input.key;
    await copy({ place: job.input, key }, { place: work.input, key: to }, job.region, storeOf);
  }
}

/** Hands the output of the upstream's job to the submitter, as if the upstream had written it there; the manifest comes last. */
export async function giveOutput(
  job: InvocationJob,
  from: { readonly place: ObjectPlace; readonly folder: string },
  storeOf: ObjectStoreOf,
): Promise<void> {
  const { place, folder } = from;
  const keys = await storeOf(place.bucket).list(bucketOf(place, job.region), folder);
  const isManifest = (key: string) => Number(key.endsWith('/manifest.json.out'));
  for (const key of keys.toSorted((a, b) => isManifest(a) - isManifest(b))) {
    const to = { place: job.output, key: `${outputFolder(job)}${key.slice(folder.length)}` };
    await copy({ place, key }, to, job.region, storeOf);
  }
}

/** Removes what lies in the folder of a job that has ended. */
export async function clearWork(
  job: InvocationJob,
  { input, output }: JobPlaces,
  storeOf: ObjectStoreOf,
): Promise<void> {
  const store = storeOf(output.bucket);
  const bucket = bucketOf(output, job.region);
  for (const folder of [`${input.key.slice(0, input.key.lastIndexOf('/'))}/`, output.key]) {
    for (const key of await store.list(bucket, folder)) await store.remove(bucket, key);
  }
}

interface PlacedObject {
  readonly place: ObjectPlace;
  readonly key: string;
}

/** An object that is gone by now is left out: whoever reads the copy finds it missing. */
async function copy(from: PlacedObject, to: PlacedObject, region: string, storeOf: ObjectStoreOf): Promise<void> {
  const content = await storeOf(from.place.bucket).open(bucketOf(from.place, region), from.key);
  if (!content) return;
  const staged = await storeOf(to.place.bucket).stage(bucketOf(to.place, region), to.key, content);
  await staged.publish();
}
