import { openEvidence, readEvidence, removeEvidence } from './evidence.ts';
import { secretsIn } from './scan.ts';

let folder: string;

/** Before the first test of a run. */
export function setup(): void {
  folder = openEvidence();
}

/** After the last: fails the run when a secret stands in anything that a server printed or kept. */
export function teardown(): void {
  const evidence = readEvidence(folder);
  removeEvidence(folder);
  const servers = evidence.reduce((sum, one) => sum + one.servers, 0);
  const secrets = evidence.reduce((sum, one) => sum + one.secrets.length, 0);
  const bytes = evidence.reduce((sum, { output }) => sum + output.length, 0);
  const found = evidence.flatMap((one) => [
    ...secretsIn(one.output, one.secrets).map((what) => `${what} in an output`),
    ...one.findings,
  ]);
  if (servers > 0 && secrets === 0)
    throw new Error('servers ran, but no secret of theirs was planted: the scan looked for nothing');
  if (found.length > 0) throw new Error(`secrets were seen:\n${[...new Set(found)].join('\n')}`);
  if (servers > 0)
    console.info(
      `no trace of ${secrets} secrets in ${bytes} characters of output and the folders of ${servers} servers`,
    );
}
