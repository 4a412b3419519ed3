import { formatUsd } from '../kernel/money.ts';
import { type TimeZone, UTC } from '../kernel/time-zone.ts';
import { changeOf, type Driver, isOfClasses } from '../reports/change-drivers.ts';
import type { ChangePoint, CostPoint } from '../reports/change-point.ts';
import { isPooled } from '../reports/change-query.ts';
import type { ExplainedCell, PeriodLengths } from '../reports/change-reasons.ts';
import { percentText, type ToldReason, toldReasons } from '../reports/change-words.ts';
import { driverSentence, principalWords, usdWords } from '../reports/driver-words.ts';
import { type GroupKey, OTHER } from '../reports/report-query.ts';
import type { RankedSuggestion } from '../reports/saving-suggestions.ts';
import type { CallDeps } from './call-path.ts';
import { explainSpend, type Why, type WhyQuestion } from './why-path.ts';

/** What is said of a question: `words` as ExplainSpend has them on the wire, but for the periods and the calls. */
export interface WhyAnswer {
  readonly words: ReturnType<typeof wordsOf>;
  readonly calls?: NonNullable<Why['calls']>;
}

/** Asks the store and words what it says. Much computing: a server leaves it to a thread. Throws as `explainSpend` does. */
export async function answerWhy(question: WhyQuestion, deps: CallDeps): Promise<WhyAnswer> {
  const why = await explainSpend(question, deps);
  return { words: wordsOf(why, question.zone ?? UTC), ...(why.calls && { calls: why.calls }) };
}

function wordsOf(why: Why, zone: TimeZone) {
  const { lengths, cells, path, drivers, since, course, suggestions, beforePicoUsd, afterPicoUsd } = why;
  const change = afterPicoUsd - beforePicoUsd;
  return {
    PreviousUsd: formatUsd(beforePicoUsd),
    CostUsd: formatUsd(afterPicoUsd),
    ChangeUsd: formatUsd(change),
    Sentence: sentence(why, zone),
    Reasons: toldReasons(cells, lengths).map(wireReason),
    Path: path.map((driver, index) => {
      const whole = index === 0 ? change : changeOf(path[index - 1]!);
      const around = index === 0 ? cells : path[index - 1]!.cells;
      return {
        Key: wireKeyOf(driver.key),
        Value: driver.value,
        ...wireDriver(driver, path.slice(0, index + 1), lengths, around),
        Reasons: toldReasons(driver.cells, lengths, figuresOf(driver, around)).map(wireReason),
        ...shareOf('Share', driver, whole),
        ...shareOf('ShareOfAll', driver, change),
      };
    }),
    Drivers: drivers.flatMap((own) =>
      own.length === 0
        ? []
        : [
            {
              Key: wireKeyOf(own[0]!.key),
              Values: own.map((driver) => ({
                ...(driver.value === OTHER ? { Value: '', IsOther: true } : { Value: driver.value }),
                ...wireDriver(driver, [driver], lengths, cells),
                ...shareOf('Share', driver, change),
              })),
            },
          ],
    ),
    Course: { Grain: course.grain, Before: course.before.map(wirePoint), After: course.after.map(wirePoint) },
    ...(since && { Since: { At: new Date(since.startMs), Text: sinceWords(since, zone), ...wireSince(since) } }),
    PathFilter: why.pathFilter,
    Suggestions: suggestions.map(wireSuggestion),
  };
}

/** Of who or what the path leads to, with all token classes; of everything where nothing stands out. */
function sentence(
  { path, cells, lengths, since, sinceCells, beforePicoUsd, afterPicoUsd }: Why,
  zone: TimeZone,
): string {
  if (cells.length === 0) return 'nothing was used in either period';
  const subject = path.filter(({ key }) => !isOfClasses(key));
  const driver = subject.at(-1);
  if (!driver && beforePicoUsd === afterPicoUsd) return 'both periods cost the same';
  const from = since?.isInside && { since: { text: sinceWords(since, zone), cells: sinceCells } };
  const figures = { around: subject.at(-2)?.cells ?? cells };
  if (driver) return driverSentence(subject, { driver, lengths, figures, ...from });
  return `${driverSentence([], { driver: { beforePicoUsd, afterPicoUsd, cells }, lengths })}; nobody stands out`;
}

/** `2026-11-12 02:00 (Europe/Berlin)`. */
function sinceWords({ startMs }: ChangePoint, zone: TimeZone): string {
  return `${zone.text(startMs).slice(0, 16).replace('T', ' ')} (${zone.name})`;
}

function wireSince({ sincePicoUsd, beyondPicoUsd, isInside }: ChangePoint) {
  return { SinceUsd: formatUsd(sincePicoUsd), BeyondUsd: formatUsd(beyondPicoUsd), IsInside: isInside };
}

/** `around`: everything that the driver is a part of. */
function wireDriver(driver: Driver, path: readonly Driver[], lengths: PeriodLengths, around: readonly ExplainedCell[]) {
  return {
    PreviousUsd: formatUsd(driver.beforePicoUsd),
    CostUsd: formatUsd(driver.afterPicoUsd),
    ChangeUsd: formatUsd(changeOf(driver)),
    Sentence: driverSentence(path, { driver, lengths, figures: figuresOf(driver, around) }),
  };
}

function figuresOf({ key }: Driver, around: readonly ExplainedCell[]) {
  return isOfClasses(key) ? { own: around } : { around };
}

export function wireReason({ reason, changePicoUsd, text, modelId }: ToldReason) {
  return {
    Reason: reason,
    ChangeUsd: formatUsd(changePicoUsd),
    Text: text,
    ...(modelId !== undefined && { ModelId: modelId }),
  };
}

function wirePoint({ startMs, costPicoUsd }: CostPoint) {
  return { Start: new Date(startMs), CostUsd: formatUsd(costPicoUsd) };
}

/** `92.0 %`; of a difference that is none, nothing is a share. */
function shareOf(name: 'Share' | 'ShareOfAll', driver: Driver, whole: bigint) {
  if (whole === 0n) return {};
  const part = changeOf(driver);
  return { [name]: percentText(whole < 0n ? [-part, -whole] : [part, whole], 1) };
}

function wireSuggestion(suggestion: RankedSuggestion) {
  const { kind, parts, modelId, costPicoUsd, savingPicoUsd, addsPicoUsd, text, assumption, isWhatIf } = suggestion;
  const subjects = [...new Set(parts.map(({ subject }) => subject))];
  return {
    Kind: kind,
    Principals: subjects.filter((subject) => subject !== '' && !isPooled(subject)),
    ModelId: modelId,
    CostUsd: formatUsd(costPicoUsd),
    SavingUsd: formatUsd(savingPicoUsd),
    AddsUsd: formatUsd(addsPicoUsd),
    Sentence: `${whoWords(subjects)} on ${modelId}: ${text}, ${usdWords(savingPicoUsd)} less`,
    Text: text,
    Assumption: assumption,
    IsWhatIf: isWhatIf,
  };
}

function whoWords(subjects: readonly string[]): string {
  const [only] = subjects;
  if (subjects.length > 1 || isPooled(only!)) return `${subjects.length > 1 ? subjects.length : 'many'} principals`;
  return only === '' ? 'usage without a principal' : principalWords(only!);
}

function wireKeyOf(key: GroupKey) {
  if ('tag' in key) return { Type: 'TAG', Key: key.tag };
  if ('costCategory' in key) return { Type: 'COST_CATEGORY', Key: key.costCategory };
  return 'membership' in key ? { Type: 'MEMBERSHIP', Key: key.membership } : { Type: 'DIMENSION', Key: key.dimension };
}
