import { type ReactElement, useState } from 'react';
import { Button } from '../../components/button.tsx';
import { Card } from '../../components/card.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Money } from '../../components/figures.tsx';
import { Segmented } from '../../components/select.tsx';
import { EmptyState } from '../../components/states.tsx';
import { isZero } from '../../format/decimal.ts';
import type { Condition } from '../../report/report-filter.ts';
import { type KeyWord, labelOfKey } from '../../report/report-key.ts';
import type { Driver, Why } from './answer.ts';
import { DriverName } from './names.tsx';
import { conditionOf, wordOfKey } from './question.ts';

/** Who and what did most, by one key at a time; a press looks at one of them alone. */
export function Drivers(props: {
  readonly why: Why;
  readonly busy: boolean;
  readonly onOnly: (condition: Condition) => void;
}): ReactElement {
  const { why, onOnly } = props;
  const words = why.Drivers.map(({ Key }) => wordOfKey(Key));
  const [chosen, setChosen] = useState<KeyWord>();
  const word = chosen !== undefined && words.includes(chosen) ? chosen : words[0];
  const drivers = why.Drivers[words.indexOf(word ?? '')]?.Values ?? [];
  const only = (driver: Driver) => !driver.IsOther && word !== undefined && onOnly(conditionOf(word, driver.Value));
  return (
    <Card
      title="Drivers"
      note="with the rest they add up to the difference"
      flush
      busy={props.busy}
      actions={
        word !== undefined &&
        words.length > 1 && (
          <Segmented
            label="Drivers by"
            value={word}
            options={words.map((value) => ({ value, label: labelOfKey(value) }))}
            onChange={setChosen}
          />
        )
      }
    >
      <DataTable
        label={`Drivers by ${word === undefined ? 'nothing' : labelOfKey(word)}`}
        columns={columnsOf(word ?? 'principal', only)}
        rows={drivers}
        rowId={({ Value, IsOther }) => (IsOther ? '>' : `=${Value}`)}
        onOpen={only}
        download="drivers"
        empty={<EmptyState title="Nobody changed" icon="same" />}
      />
    </Card>
  );
}

function columnsOf(word: KeyWord, only: (driver: Driver) => void): readonly Column<Driver>[] {
  const amount = (id: string, header: string, of: (driver: Driver) => string): Column<Driver> => ({
    ...{ id, header, kind: 'number' as const },
    text: of,
    cell: (driver) => <Money usd={of(driver)} />,
  });
  return [
    {
      id: 'value',
      header: labelOfKey(word),
      text: ({ Value, IsOther }) => (IsOther ? 'others' : Value),
      cell: ({ Value, IsOther }) =>
        IsOther ? <span className="soft">all others</span> : <DriverName word={word} value={Value} />,
    },
    {
      ...amount('change', 'Change', ({ ChangeUsd }) => ChangeUsd),
      cell: ({ ChangeUsd: change }) => (
        <b className={change.startsWith('-') ? 'why-fall' : 'why-rise'}>
          {change.startsWith('-') || isZero(change) ? '' : '+'}
          <Money usd={change} />
        </b>
      ),
    },
    {
      ...{ id: 'share', header: 'Of all', kind: 'number' as const },
      text: ({ Share = '' }) => Share.replace(' %', ''),
      cell: ({ Share = '–' }) => Share,
    },
    amount('before', 'Before', ({ PreviousUsd }) => PreviousUsd),
    amount('after', 'After', ({ CostUsd }) => CostUsd),
    {
      ...{ id: 'why', header: 'Why', wrap: true },
      text: ({ Sentence }) => clauseOf(Sentence),
      cell: ({ Sentence, IsOther }) => <span className="small soft">{IsOther ? '' : clauseOf(Sentence)}</span>,
    },
    {
      ...{ id: 'only', header: 'Look at it alone', kind: 'actions' as const },
      text: () => '',
      cell: (driver) =>
        !driver.IsOther && (
          <Button look="ghost" small onClick={() => only(driver)}>
            why?
          </Button>
        ),
    },
  ];
}

/** What comes after the amount in a driver's sentence. */
function clauseOf(sentence: string): string {
  return sentence.slice(sentence.indexOf(': ') + 2);
}
