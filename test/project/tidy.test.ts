import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' })
  .split('\n')
  .filter((file) => file && !file.startsWith('test/vectors/') && file !== 'package-lock.json');
const sources = files.filter(
  (file) => /^(src|bench|examples|prices)\/.*\.tsx?$/.test(file) && !/\.test\.tsx?$/.test(file),
);

function linesOf(file: string): string[] {
  return readFileSync(file, 'utf8').split('\n');
}

function findings(candidates: readonly string[], pattern: RegExp): string[] {
  return candidates.flatMap((file) =>
    linesOf(file).flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1} ${line.trim()}`] : [])),
  );
}

describe('tidy', () => {
  it('keeps source files under 400 lines: a longer one becomes the door of a folder', () => {
    expect(sources.map((file) => [file, linesOf(file).length] as const).filter(([, lines]) => lines > 400)).toEqual([]);
  });

  it('names files by the noun they hold', () => {
    expect(files.filter((file) => /(^|\/)(utils?|helpers?|common|misc|index)\.[jt]sx?$/.test(file))).toEqual([]);
    expect(sources.filter((file) => !/^[a-z0-9/.-]+$/.test(file))).toEqual([]);
  });

  it('has no barrels and no unfinished marks', () => {
    expect(findings(sources, /^export \* /)).toEqual([]);
    expect(findings(sources, /\b(TODO|FIXME|XXX)\b/)).toEqual([]);
  });

  it('reads the environment and the arguments in main.ts alone', () => {
    const elsewhere = sources.filter(
      (file) => file.startsWith('src/') && file !== 'src/main.ts' && !/child\.ts$|thread\.ts$/.test(file),
    );
    expect(findings(elsewhere, /process\.(env|argv)\b/)).toEqual([]);
  });

  it('takes the clock and randomness as arguments in stages and paths', () => {
    const pure = sources.filter((file) =>
      /^src\/(kernel|wire|identity|policy|inference|metering|audit|rating|allocation|reports|notices|budgets|paths|services)\//.test(
        file,
      ),
    );
    expect(findings(pure, /Date\.now\(|Math\.random\(|new Date\(\)/)).toEqual([]);
  });

  it('mentions no machine path, and no download address in the lock file', () => {
    const text = files.filter((file) => !/\.(png|parquet|gz)$/.test(file) && file !== 'test/project/tidy.test.ts');
    expect(findings(text, /\/(home|root|Users)\/[a-z]|\/work\/|^\/tmp\//)).toEqual([]);
    expect(readFileSync('package-lock.json', 'utf8')).not.toContain('"resolved"');
  });
});
