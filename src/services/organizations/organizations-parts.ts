import type { Directory } from '../../identity/directory.ts';
import type { RandomBytes } from '../../identity/identifier.ts';

/** What the operations of Organizations work with. */
export interface OrganizationsParts {
  readonly directory: Directory;
  readonly random: RandomBytes;
}
