import type { PolicyHolder } from '../policy-holder.ts';

/** A user, role or group as far as managed policies are concerned. */
type Holder = PolicyHolder & { readonly accountId: string; readonly boundaryArn?: string };

/** How often each managed policy is in use in each account, kept up to date change by change. */
export class AttachmentCounts {
  readonly #attached = new Map<string, number>();
  readonly #bounding = new Map<string, number>();

  attached(accountId: string, policyArn: string): number {
    return this.#attached.get(`${accountId} ${policyArn}`) ?? 0;
  }

  bounding(accountId: string, policyArn: string): number {
    return this.#bounding.get(`${accountId} ${policyArn}`) ?? 0;
  }

  /** A holder changed: `before` is absent for a new one, `after` for a deleted one. */
  replace(before: Holder | undefined, after: Holder | undefined): void {
    if (before) this.#add(before, -1);
    if (after) this.#add(after, 1);
  }

  #add(holder: Holder, step: number): void {
    for (const arn of holder.attachedPolicyArns) change(this.#attached, `${holder.accountId} ${arn}`, step);
    if (holder.boundaryArn) change(this.#bounding, `${holder.accountId} ${holder.boundaryArn}`, step);
  }
}

function change(counts: Map<string, number>, key: string, step: number): void {
  const count = (counts.get(key) ?? 0) + step;
  if (count > 0) counts.set(key, count);
  else counts.delete(key);
}
