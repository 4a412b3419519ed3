import { execFile } from 'node:child_process';
import { Fault } from '../kernel/fault.ts';

const MASTER_KEY_BYTES = 32;
const OUTPUT_BYTES_MAX = 4_096;

export interface MasterKeyCommand {
  /** Program and arguments; no shell is in between. */
  readonly argv: readonly string[];
  readonly timeoutMs: number;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * Runs a command that prints a master key: 32 bytes in base64. Throws ConfigInvalid with the program's name and how it
 * ended, and with nothing that it printed: on either output there may be the key.
 */
export async function runMasterKeyCommand({ argv, timeoutMs, environment }: MasterKeyCommand): Promise<Buffer> {
  const [program = '', ...args] = argv;
  const options = { timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: OUTPUT_BYTES_MAX, env: environment } as const;
  const output = await new Promise<string>((resolve, reject) => {
    const child = execFile(program, args, options, (error, stdout) => {
      if (!error) return resolve(stdout);
      const text = `the master key command \`${program}\` ${howItEnded(error, timeoutMs)}`;
      reject(new Fault('ConfigInvalid', `${text}; run it by hand to see what it says`));
    });
    // What asks a question gets no answer, and not the server's input.
    child.stdin?.end();
  });
  return parseMasterKey(output.trim(), `what the command \`${program}\` printed`);
}

/** A master key as text: 32 bytes in base64. Throws ConfigInvalid with what it is and without the text. */
export function parseMasterKey(base64: string, what: string): Buffer {
  const key = Buffer.from(base64, 'base64');
  // Both alphabets, with or without padding; Node's decoder would pass over anything else.
  if (key.length === MASTER_KEY_BYTES && /^[\w+/-]{43}=?$/.test(base64)) return key;
  throw new Fault('ConfigInvalid', `${what} is not 32 bytes in base64; make one with \`openssl rand -base64 32\``);
}

function howItEnded(error: Error & { readonly code?: unknown; readonly killed?: boolean }, timeoutMs: number): string {
  if (error.code === 'ENOENT') return 'was not found';
  if (error.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') return `printed more than ${OUTPUT_BYTES_MAX} bytes`;
  if (error.killed) return `did not end within ${timeoutMs} ms`;
  return typeof error.code === 'number' ? `ended with ${error.code}` : 'could not be run';
}
