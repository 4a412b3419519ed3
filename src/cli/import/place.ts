import { mkdirSync, readdirSync, realpathSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Fault } from '../../kernel/fault.ts';
import { PROFILE_NAME, type Profile, profileFiles, readSection } from '../profile.ts';

/** Whether the server that a profile leads to is the one of a data folder: it writes its address there at every start. */
export function isServerOf(dataFolder: string, { endpoint }: Profile): boolean {
  const config = readSection(profileFiles(dataFolder).config, `profile ${PROFILE_NAME}`);
  return config?.get('endpoint_url') === endpoint;
}

/** The server's own folder there. */
const UPLOADS = 'uploads';

/**
 * A place of this machine that the server may read: a link in its data folder says so, which nobody can make but who may
 * write there. Where there is no such folder the server is elsewhere, or has been told of the place.
 */
export function openToServer(place: string, dataFolder: string): string {
  let real: string;
  try {
    real = realpathSync(place);
  } catch (error) {
    throw new Fault('NotFound', `\`${place}\` cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
  const folder = join(dataFolder, 'imports');
  const base = basename(real);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const linked = readdirSync(folder).some((name) => tryRealpath(join(folder, name)) === real);
    for (let count = 1; !linked; count += 1) {
      try {
        symlinkSync(real, join(folder, count === 1 && base !== UPLOADS ? base : `${base}-${count}`));
        break;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
    }
  } catch {
    // The server decides.
  }
  return real;
}

function tryRealpath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
