import type { Command } from 'commander';
import type { TallylineClient } from './client.ts';
import type { Profile } from './profile.ts';

/** What `main.ts` hands to verbs that are put together in files of their own. */
export interface VerbParts {
  /** A verb with `--data`; of a group where there is a parent. */
  readonly verb: (name: string, description: string, parent?: Command) => Command;
  readonly program: Command;
  readonly profile: (options: { readonly data: string }) => Profile;
  readonly client: (options: { readonly data: string }) => TallylineClient;
  readonly print: (text: string) => void;
  readonly now: () => number;
}
