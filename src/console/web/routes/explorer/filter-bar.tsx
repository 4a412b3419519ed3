import { type ReactElement, useCallback, useState } from 'react';
import { Button } from '../../components/button.tsx';
import { Combobox, type Option, OptionList } from '../../components/combobox.tsx';
import { Icon } from '../../components/icon.tsx';
import { shortName } from '../../components/name-badge.tsx';
import { Popover } from '../../components/popover.tsx';
import { money } from '../../format/amounts.ts';
import { searchReportValues } from '../../report/get-report.ts';
import { type Condition, filterOf } from '../../report/report-filter.ts';
import { type KeyWord, keyOf, labelOfKey, noneOfKey } from '../../report/report-key.ts';
import type { ExplorerQuestion } from './question.ts';
import type { View } from './view.ts';

/** What is filtered: the values that are offered are those of its range. */
export type FilterQuestion = Pick<ExplorerQuestion, 'span' | 'scope'> & {
  readonly view: Pick<View, 'filters' | 'book'>;
};

interface FilterBarProps {
  readonly question: FilterQuestion;
  readonly keys: readonly Option[];
  readonly openSignal: number;
  readonly onChange: (filters: readonly Condition[]) => void;
}

/** The conditions as chips, each of which opens to be changed, and a button for another. */
export function FilterBar({ question, keys, openSignal, onChange }: FilterBarProps): ReactElement {
  const { filters } = question.view;
  const replace = (index: number, condition: Condition) => onChange(filters.with(index, condition).filter(hasValues));
  return (
    <>
      {filters.map((condition, index) => (
        <span key={`${condition.word} ${condition.mode} ${index}`} className="chip filter-chip">
          <ValueFilter question={question} condition={condition} onChange={(next) => replace(index, next)} />
          <button
            type="button"
            aria-label={`Remove the filter on ${labelOfKey(condition.word)}`}
            onClick={() => onChange(filters.toSpliced(index, 1))}
          >
            <Icon name="close" size={12} />
          </button>
        </span>
      ))}
      <AddFilter
        question={question}
        keys={keys}
        openSignal={openSignal}
        onAdd={(next) => onChange([...filters, next])}
      />
    </>
  );
}

function hasValues({ values }: Condition): boolean {
  return values.length > 0;
}

function valueText(value: string, word: KeyWord): string {
  return value === '' ? noneOfKey(word) : shortName(value);
}

function chipText({ word, mode, values }: Condition): string {
  const [first = '', second, ...more] = values.map((value) => valueText(value, word));
  const named =
    more.length > 0 ? `${first}, ${second} and ${more.length} more` : second ? `${first} or ${second}` : first;
  return `${labelOfKey(word)} ${mode === 'include' ? 'is' : 'is not'} ${named}`;
}

function ValueFilter(props: {
  readonly question: FilterQuestion;
  readonly condition: Condition;
  readonly onChange: (condition: Condition) => void;
}): ReactElement {
  const { condition } = props;
  const options = useValues(props.question, condition.word);
  return (
    <Combobox
      label={labelOfKey(condition.word)}
      button={{ look: 'ghost', small: true, children: chipText(condition), title: condition.values.join(', ') }}
      options={options}
      value={condition.values}
      mode={condition.mode}
      onChange={(values, mode) => props.onChange({ ...condition, values, mode })}
    />
  );
}

function AddFilter(props: {
  readonly question: FilterQuestion;
  readonly keys: readonly Option[];
  readonly openSignal: number;
  readonly onAdd: (condition: Condition) => void;
}): ReactElement {
  return (
    <Popover label="Add a filter" button={{ icon: 'filter', children: 'Filter' }} openSignal={props.openSignal}>
      {(close) => <NewFilter {...props} onDone={close} />}
    </Popover>
  );
}

function NewFilter(props: {
  readonly question: FilterQuestion;
  readonly keys: readonly Option[];
  readonly onAdd: (condition: Condition) => void;
  readonly onDone: () => void;
}): ReactElement {
  const [word, setWord] = useState<KeyWord>();
  if (word === undefined)
    return (
      <OptionList
        label="Filter by"
        single
        options={props.keys}
        value={[]}
        onChange={([chosen]) => setWord(chosen)}
        onChosen={() => {}}
      />
    );
  return (
    <NewValues
      key={word}
      question={props.question}
      word={word}
      onApply={(condition) => {
        if (condition.values.length > 0) props.onAdd(condition);
        props.onDone();
      }}
    />
  );
}

function NewValues(props: {
  readonly question: FilterQuestion;
  readonly word: KeyWord;
  readonly onApply: (condition: Condition) => void;
}): ReactElement {
  const { word } = props;
  const [condition, setCondition] = useState<Condition>({ word, mode: 'include', values: [] });
  const options = useValues(props.question, word);
  return (
    <div className="stack">
      <OptionList
        label={labelOfKey(word)}
        options={options}
        value={condition.values}
        mode={condition.mode}
        onChange={(values, mode) => setCondition({ word, mode, values })}
        onChosen={() => {}}
      />
      <Button look="primary" disabled={condition.values.length === 0} onClick={() => props.onApply(condition)}>
        Apply
      </Button>
    </div>
  );
}

/** Values of a key in the range, the costliest first, under the filters on other keys. */
function useValues(question: FilterQuestion, word: KeyWord) {
  const { span, scope, view } = question;
  const { book } = view;
  const others = JSON.stringify(view.filters.filter((filter) => filter.word !== word));
  return useCallback(
    async (typed: string, signal: AbortSignal): Promise<readonly Option[]> => {
      const filter = filterOf(JSON.parse(others) as Condition[]);
      const values = await searchReportValues({ span, scope, filter, book }, keyOf(word)!, typed.trim(), signal);
      return values.map(({ Value, CostUsd }) => ({
        value: Value,
        label: valueText(Value, word),
        note: money(CostUsd),
      }));
    },
    [span.startMs, span.endMs, scope, book, others, word],
  );
}
