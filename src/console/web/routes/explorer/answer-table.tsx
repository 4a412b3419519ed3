import { type ReactElement, useMemo, useState } from 'react';
import { Button } from '../../components/button.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { saveFile } from '../../components/download.ts';
import { Count, Delta, Money, Share } from '../../components/figures.tsx';
import { EmptyState } from '../../components/states.tsx';
import { toast } from '../../components/toast.tsx';
import { usePreferences } from '../../display/preferences.ts';
import { isZero, subtract } from '../../format/decimal.ts';
import { sentence } from '../../format/sentence.ts';
import { getReportParquet, type ReportSums } from '../../report/get-report.ts';
import { labelOfKey } from '../../report/report-key.ts';
import { Calls } from '../../spend/calls.tsx';
import type { Answer, AnswerBefore, Group } from './answer.ts';
import { COST, figure, MEASURES } from './measures.ts';
import { coloursOf, GroupBadge, nameOf } from './names.tsx';
import { oneQuestion } from './question.ts';

/** A call has a line per direction and is counted on its first: by these its count says nothing. */
const PARTS_OF_CALLS = ['direction', 'usage-type', 'meter'];

const PER_MILLION = MEASURES.find(({ word }) => word === 'cost-per-million')!;

interface TableProps {
  readonly answer: Answer;
  readonly before: AnswerBefore | undefined;
  readonly onStep: (group: Group) => void;
  readonly onExclude: (group: Group) => void;
  readonly onRequests: (group: Group) => void;
}

function columnsOf(
  { answer, before, onExclude, onRequests }: TableProps,
  write: (value: string) => string,
): Column<Group>[] {
  const { question, total } = answer;
  const { measure, view } = question;
  const shades = coloursOf(answer.groups);
  const colours = new Map(answer.groups.map(({ id }, index) => [id, shades[index]!]));
  const number = (id: string, header: string, text: (sums: ReportSums) => string | undefined): Column<Group> => ({
    id,
    header,
    kind: 'number',
    text: ({ sums }) => text(sums) ?? '',
  });
  const keyColumns = (view.by.length > 0 ? view.by : ['all']).map(
    (word, at): Column<Group> => ({
      id: word,
      header: word === 'all' ? '' : labelOfKey(word),
      text: (group) => (group.kind === 'named' ? (group.keys[at] ?? 'all') : at === 0 ? nameOf(group, view.by) : ''),
      cell: (group) =>
        word === 'all' ? (
          'All'
        ) : (
          <GroupBadge group={group} by={view.by} at={at} colour={colours.get(group.id) ?? '--other'} />
        ),
    }),
  );
  const isShown = measure.word;
  const valueThen = (group: Group) => measure.of(before?.groups.get(group.id) ?? {}) ?? '0';
  return [
    ...keyColumns,
    {
      ...number(isShown, measure.label, measure.of),
      cell: ({ sums }) => {
        const value = measure.of(sums);
        if (value === undefined) return '–';
        return measure.unit === 'money' ? <Money usd={value} /> : <span className="count">{write(value)}</span>;
      },
    },
    ...(measure.adds
      ? [
          {
            ...number('share', 'Share', measure.of),
            cell: ({ sums }: Group) => <Share part={measure.of(sums) ?? '0'} whole={measure.of(total) ?? '0'} />,
          },
        ]
      : []),
    ...(before
      ? [
          {
            ...number('before', 'Before', () => ''),
            text: valueThen,
            cell: (group: Group) => write(valueThen(group)),
          },
          {
            ...number('change', 'Change', () => ''),
            text: (group: Group) => subtract(measure.of(group.sums) ?? '0', valueThen(group)),
            cell: (group: Group) => (
              <Delta
                now={measure.of(group.sums) ?? '0'}
                before={valueThen(group)}
                {...(measure.unit === 'money' && { good: 'down' as const })}
              />
            ),
          },
        ]
      : []),
    ...(isShown === 'cost'
      ? []
      : [{ ...number('cost', 'Cost', COST.of), cell: ({ sums }: Group) => <Money usd={COST.of(sums) ?? '0'} /> }]),
    ...(isShown === 'tokens'
      ? []
      : [
          {
            ...number('tokens', 'Tokens', ({ Tokens }) => Tokens),
            cell: ({ sums }: Group) => <Count value={sums.Tokens ?? '0'} />,
          },
        ]),
    ...(isShown === 'requests' || view.by.some((word) => PARTS_OF_CALLS.includes(word))
      ? []
      : [
          {
            ...number('requests', 'Requests', ({ Requests }) => Requests),
            cell: ({ sums }: Group) => <Calls value={sums.Requests ?? '0'} book={view.book} />,
          },
        ]),
    {
      ...number('cost-per-million', 'Cost per 1M tokens', PER_MILLION.of),
      hidden: true,
      cell: ({ sums }) => {
        const value = PER_MILLION.of(sums);
        return value === undefined ? '–' : <Money usd={value} />;
      },
    },
    ...(isZero(total.Unpriced ?? '0')
      ? []
      : [
          {
            ...number('unpriced', 'Unpriced', ({ Unpriced }) => Unpriced),
            cell: ({ sums }: Group) => <Count value={sums.Unpriced ?? '0'} />,
          },
        ]),
    {
      id: 'actions',
      header: 'Actions',
      kind: 'actions' as const,
      text: () => '',
      cell: (group) =>
        group.kind === 'other' ? null : (
          <span className="row-actions">
            <Button
              look="ghost"
              small
              icon="minus"
              aria-label={`Leave out ${nameOf(group, view.by)}`}
              onClick={() => onExclude(group)}
            />
            <Button
              look="ghost"
              small
              icon="request"
              aria-label={`Requests of ${nameOf(group, view.by)}`}
              onClick={() => onRequests(group)}
            />
          </span>
        ),
    },
  ];
}

/** The groups with their figures, largest first. Enter and a press on a row step into it. */
export function AnswerTable(props: TableProps): ReactElement {
  const { answer, before } = props;
  const { measure, view } = answer.question;
  const { currency } = usePreferences();
  const columns = columnsOf(props, (value) => figure(measure, value, currency));
  const total = measure.of(answer.total);
  const foot = useMemo(
    () => ({
      [view.by[0] ?? 'all']: 'Total',
      [measure.word]: total === undefined ? '–' : figure(measure, total, currency),
      ...(measure.word !== 'cost' && { cost: <Money usd={COST.of(answer.total) ?? '0'} /> }),
      ...(measure.word !== 'tokens' && { tokens: <Count value={answer.total.Tokens ?? '0'} /> }),
      ...(measure.word !== 'requests' && { requests: <Calls value={answer.total.Requests ?? '0'} book={view.book} /> }),
      ...(before && { before: figure(measure, measure.of(before.total) ?? '0', currency) }),
    }),
    [answer, before, measure, view, total, currency],
  );
  return (
    <DataTable
      label={`${measure.label} by group`}
      columns={columns}
      rows={answer.groups}
      rowId={({ id }) => id}
      onOpen={props.onStep}
      foot={foot}
      pickColumns
      download={`tallyline-${measure.word}`}
      tools={<ParquetButton answer={answer} />}
      empty={<EmptyState title="No usage here">Widen the range, or take filters away.</EmptyState>}
    />
  );
}

/** Every group, not the top alone, as a file for other tools. */
function ParquetButton({ answer }: { readonly answer: Answer }): ReactElement {
  const [busy, setBusy] = useState(false);
  const save = async () => {
    setBusy(true);
    try {
      const { question } = answer;
      saveFile(`tallyline-${question.measure.word}.parquet`, await getReportParquet(oneQuestion(question)));
    } catch (error) {
      toast(sentence((error as Error).message), 'bad');
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button look="ghost" small icon="export" busy={busy} onClick={() => void save()}>
      Parquet
    </Button>
  );
}
