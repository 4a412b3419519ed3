import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** ClickHouse in a process whose working folder is given: paths in statements are relative to it. */
export interface ChDb {
  /** Rows of one statement, 64-bit integers as numbers. */
  readonly query: (sql: string) => Promise<Record<string, unknown>[]>;
  /** Runs the statements of a file. */
  readonly run: (sql: string) => Promise<void>;
  readonly close: () => void;
}

const SERVER = `
const { Session } = require('chdb');
const session = new Session();
session.query("SET session_timezone = 'UTC', output_format_json_quote_64bit_integers = 0");
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { sql, format } = JSON.parse(line);
  let answer;
  try { answer = { text: session.query(sql, format) }; } catch (error) { answer = { error: String(error.message).slice(0, 2000) }; }
  process.stdout.write(JSON.stringify(answer) + '\\n');
}).on('close', () => { session.cleanup(); process.exit(0); });
`;

export function openChDb(folder: string): ChDb {
  const modules = join(import.meta.dirname, '../../node_modules');
  const child = spawn(process.execPath, ['-e', SERVER], {
    cwd: folder,
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, NODE_PATH: modules },
  });
  const answers: ((answer: { text?: string; error?: string }) => void)[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => answers.shift()?.(JSON.parse(line)));
  const ask = async (sql: string, format: string): Promise<string> => {
    const answer = new Promise<{ text?: string; error?: string }>((resolve) => answers.push(resolve));
    child.stdin.write(`${JSON.stringify({ sql, format })}\n`);
    const { text, error } = await answer;
    if (error !== undefined) throw new Error(error);
    return text ?? '';
  };
  return {
    query: async (sql) => {
      const text = await ask(sql, 'JSONEachRow');
      return text
        .split('\n')
        .filter(Boolean)
        .map((row) => JSON.parse(row) as Record<string, unknown>);
    },
    run: async (sql) => {
      await ask(sql, 'Null');
    },
    close: () => child.stdin.end(),
  };
}
