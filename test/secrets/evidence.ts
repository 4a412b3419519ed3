import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Environment variable with the folder where the processes of one test run leave what is to be looked through at its end. */
const FOLDER = 'TALLYLINE_EVIDENCE';

/** A value that must be seen nowhere. */
export interface Secret {
  readonly what: string;
  readonly value: string;
}

/** Everything that one test process got to know and to see. */
export interface Evidence {
  readonly secrets: readonly Secret[];
  readonly output: string;
  /** What was found in data folders before they were removed. */
  readonly findings: readonly string[];
  readonly servers: number;
}

/** Values shorter than this occur by chance. */
const SECRET_CHARACTERS_MIN = 12;

const known = new Map<string, string>();

/** Remembers a secret that a test got to know. */
export function plant(what: string, value: string | undefined): void {
  if (value === undefined || value.length < SECRET_CHARACTERS_MIN || known.has(value)) return;
  known.set(value, what);
  note('secrets', `${JSON.stringify({ what, value } satisfies Secret)}\n`);
}

/** The secrets that this process knows. */
export function planted(): Secret[] {
  return [...known].map(([value, what]) => ({ what, value }));
}

/** Keeps what a server printed or answered to a client that was refused. */
export function collectOutput(text: string): void {
  note('output', text);
}

export function noteFinding(finding: string): void {
  note('findings', `${finding}\n`);
}

export function noteServer(): void {
  note('servers', '1');
}

/** Begins a run: its processes inherit the variable. */
export function openEvidence(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tallyline-evidence-'));
  process.env[FOLDER] = folder;
  return folder;
}

/** What each process of the run left. */
export function readEvidence(folder: string): Evidence[] {
  const names = readdirSync(folder);
  const processes = new Set(names.map((name) => name.split('.')[0]!));
  return [...processes].map((id) => {
    const read = (part: string) =>
      names.includes(`${id}.${part}`) ? readFileSync(join(folder, `${id}.${part}`), 'utf8') : '';
    const lines = (part: string) => read(part).split('\n').slice(0, -1);
    return {
      secrets: lines('secrets').map((line) => JSON.parse(line) as Secret),
      output: read('output'),
      findings: lines('findings'),
      servers: read('servers').length,
    };
  });
}

export function removeEvidence(folder: string): void {
  rmSync(folder, { recursive: true });
}

/** Appended at once: a process may be killed. Nothing outside of a run. */
function note(part: string, text: string): void {
  const folder = process.env[FOLDER];
  if (folder) appendFileSync(join(folder, `${process.pid}.${part}`), text, { mode: 0o600 });
}
