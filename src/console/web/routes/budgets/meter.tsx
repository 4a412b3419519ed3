import type { ReactElement } from 'react';
import { divide } from '../../format/decimal.ts';
import type { ListedBudget, Standing } from './listed-budget.ts';

const LOOKS: Readonly<Record<Standing, string>> = {
  refusing: 'bad',
  over: 'bad',
  exceeded: 'bad',
  warned: 'warn',
  ahead: 'warn',
  fine: 'good',
  unused: 'good',
};

type Metered = Pick<ListedBudget, 'spent' | 'held' | 'limit' | 'forecast' | 'standing'>;

/** How full a budget is: spent, held by calls under way, and where the forecast ends. The figures stand beside it in words. */
export function Meter({ spent, held, limit, forecast, standing }: Metered): ReactElement {
  const width = (amount: string) => Math.min(100, Math.max(0, 100 * Number(divide(amount, limit, 4) ?? 0)));
  const spentWidth = width(spent);
  return (
    <div className={`meter meter-${LOOKS[standing]}`} aria-hidden="true">
      <span style={{ width: `${spentWidth}%` }} />
      <span className="meter-held" style={{ width: `${Math.min(100 - spentWidth, width(held))}%` }} />
      {forecast !== undefined && <i style={{ left: `${width(forecast)}%` }} />}
    </div>
  );
}

const CHIPS: Readonly<Record<Standing, readonly [look: string, words: string]>> = {
  refusing: ['chip-bad', 'Refusing calls'],
  over: ['chip-bad', 'Used up'],
  exceeded: ['chip-bad', 'Over budget'],
  warned: ['chip-warn', 'Past a warning'],
  ahead: ['chip-warn', 'Forecast is over'],
  fine: ['chip-good', 'In order'],
  unused: ['', 'Nothing used'],
};

export function StandingChip({ standing }: { readonly standing: Standing }): ReactElement {
  const [look, words] = CHIPS[standing];
  return <span className={`chip ${look}`}>{words}</span>;
}
