import { Link } from '@tanstack/react-router';
import { type ReactElement, type ReactNode, useState } from 'react';
import { useMay } from '../api/session.ts';
import { Button } from '../components/button.tsx';
import { Card, Stat } from '../components/card.tsx';
import { DateRange } from '../components/date-range.tsx';
import { Money } from '../components/figures.tsx';
import { Icon } from '../components/icon.tsx';
import { Page as Frame } from '../components/page.tsx';
import { ErrorState, Skeleton } from '../components/states.tsx';
import { type SearchParams, textOf, useViewState } from '../display/view-state.ts';
import { percent } from '../format/amounts.ts';
import { add, compare } from '../format/decimal.ts';
import { useShortcut } from '../keyboard/shortcuts.ts';
import { FindingList } from './tag-strategy/finding-list.tsx';
import { costOf, type TagFindings, type TagStrategy, useTagFindings, useTagStrategy } from './tag-strategy/findings.ts';
import { RequiredTags } from './tag-strategy/required-tags.tsx';
import './tag-strategy/tag-strategy.css';

function parse(search: SearchParams) {
  return { range: textOf(search, 'range') ?? '30d' };
}

/** Which tags usage ought to have, and where it has not: by spend, with what changes it. */
export function Page(): ReactElement {
  const [{ range }, set] = useViewState(parse);
  const strategy = useTagStrategy();
  const findings = useTagFindings(range);
  const may = useMay('tallyline:PutTagStrategy');
  const [opened, setOpened] = useState(0);
  useShortcut('t', 'Range of time', () => setOpened((times) => times + 1));
  return (
    <Frame
      title="Tag strategy"
      about="Which tags usage ought to have, where it has not, and what changes that. Calls that were made stay as they are."
      actions={
        <Link className="button button-plain" to="/tags" search={{ range } as never}>
          Keys and activation
        </Link>
      }
      filters={<DateRange value={range} onChange={(next) => set({ range: next })} openSignal={opened} />}
    >
      {strategy.error ? (
        <ErrorState error={strategy.error} onRetry={() => void strategy.refetch()} />
      ) : (
        <RequiredTags strategy={strategy.data} mayChange={may('tallyline:PutTagStrategy')} />
      )}
      {findings.error && <ErrorState error={findings.error} onRetry={() => void findings.refetch()} />}
      {!findings.error && (!findings.data || !strategy.data) && <Skeleton lines={8} height={420} />}
      {!findings.error && findings.data && strategy.data && (
        <Findings findings={findings.data} strategy={strategy.data} busy={findings.isPlaceholderData} />
      )}
      {findings.data && (
        <p className="faint small row">
          Names are alike when they differ in letter case, in what stands between letters, or by a letter or two in long
          words; other digits are another name.
          <Button look="ghost" small icon="retry" onClick={() => void findings.refetch()}>
            Look again
          </Button>
        </p>
      )}
    </Frame>
  );
}

function Findings(props: {
  readonly findings: TagFindings;
  readonly strategy: TagStrategy;
  readonly busy: boolean;
}): ReactElement {
  const { findings, strategy, busy } = props;
  const { TotalUsd: total, Missing, NotAllowed, Similar, KeyVariants } = findings;
  const largest = Missing.reduce<string>((most, { CostUsd }) => (compare(CostUsd, most) > 0 ? CostUsd : most), '0');
  const hasStrategy = strategy.RequiredTags.length > 0;
  return (
    <>
      <div className="grid-4">
        <Stat
          label="Lacks a required tag"
          value={hasStrategy ? <Money usd={largest} /> : '–'}
          note={hasStrategy ? shareNote(largest, total) : 'no tag is required yet'}
        />
        <Stat
          label="Has a value that is not allowed"
          value={<Money usd={costOf(NotAllowed)} />}
          note={counted(NotAllowed.length, 'value')}
        />
        <Stat
          label="Has a twin of another value"
          value={<Money usd={add('0', ...Similar.map(({ Others }) => costOf(Others)))} />}
          note={counted(Similar.length, 'group')}
        />
        <Stat
          label="Has a twin of another key"
          value={<Money usd={add('0', ...KeyVariants.map(({ Others }) => costOf(Others)))} />}
          note={counted(KeyVariants.length, 'group')}
        />
      </div>
      <Section
        title="Without a required tag"
        note="whose usage lacks it, by spend"
        busy={busy}
        none={hasStrategy ? 'All usage has every required tag.' : undefined}
      >
        {Missing.map((one) => (
          <FindingList
            key={one.TagKey}
            title={
              <>
                <code>{one.TagKey}</code> is missing
              </>
            }
            note={`${counted(one.Subjects, subjectNoun(one.TagKey))}, ${percent(one.CostUsd, total) ?? '–'} of the spend`}
            costUsd={one.CostUsd}
            holders={one.Holders}
            of={one.Subjects}
          />
        ))}
      </Section>
      <Section
        title="Values that are not allowed"
        note="and the allowed one that was meant"
        busy={busy}
        none={
          strategy.RequiredTags.some(({ AllowedValues }) => AllowedValues?.length)
            ? 'Every value is allowed.'
            : undefined
        }
      >
        {NotAllowed.map((one) => (
          <FindingList
            key={`${one.TagKey} ${one.Value}`}
            title={
              <>
                <code>{one.TagKey}</code> is <q>{one.Value}</q>
              </>
            }
            note={one.Meant === undefined ? 'like no allowed value' : `probably “${one.Meant}”`}
            costUsd={one.CostUsd}
            holders={one.Holders}
          />
        ))}
      </Section>
      <Section
        title="Values that seem to mean one thing"
        note="reports count them apart"
        busy={busy}
        none="No two values are alike."
      >
        {Similar.map((one) => (
          <FindingList
            key={`${one.TagKey} ${one.Kept.Value}`}
            title={
              <>
                <code>{one.TagKey}</code>: {one.Others.map(({ Value }) => Value).join(', ')} → <b>{one.Kept.Value}</b>
              </>
            }
            note={`they differ in ${one.Likeness === 'case' ? 'letter case' : one.Likeness}`}
            costUsd={costOf(one.Others)}
            holders={one.Holders}
          />
        ))}
      </Section>
      <Section
        title="Keys that seem to mean one thing"
        note="each is a cost allocation tag of its own"
        busy={busy}
        none="No two keys are alike."
      >
        {KeyVariants.map((one) => (
          <FindingList
            key={one.Kept.Value}
            title={
              <>
                {one.Others.map(({ Value }) => Value).join(', ')} → <b>{one.Kept.Value}</b>
              </>
            }
            note="the key with the most spend stays"
            costUsd={costOf(one.Others)}
            holders={one.Holders}
          />
        ))}
      </Section>
    </>
  );
}

/** Absent `none`: without findings there is nothing to say. */
function Section(props: {
  readonly title: string;
  readonly note: string;
  readonly busy: boolean;
  readonly none: string | undefined;
  readonly children: readonly ReactNode[];
}): ReactElement | null {
  if (props.children.length === 0 && props.none === undefined) return null;
  return (
    <Card title={props.title} note={props.note} flush busy={props.busy}>
      {props.children.length === 0 ? (
        <p className="nothing-found">
          <Icon name="check" /> {props.none}
        </p>
      ) : (
        props.children
      )}
    </Card>
  );
}

function subjectNoun(key: string): string {
  if (key.startsWith('accountTag/')) return 'account';
  return key.startsWith('iamPrincipal/') ? 'principal' : 'resource';
}

function shareNote(part: string, whole: string): string {
  return `${percent(part, whole) ?? '–'} of the spend, by the most missing key`;
}

function counted(number: number, noun: string): string {
  return `${number.toLocaleString('en-US')} ${noun}${number === 1 ? '' : 's'}`;
}
