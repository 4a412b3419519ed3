import type { ReactElement } from 'react';
import { Card } from '../../components/card.tsx';
import { shortName } from '../../components/name-badge.tsx';
import { money } from '../../format/amounts.ts';
import type { StatementAnswer } from '../statements/statement-calls.ts';

/** What a version changed, the greatest change first. */
export function Differences(props: {
  readonly version: number;
  readonly differences: NonNullable<StatementAnswer['Differences']>;
}): ReactElement {
  const { version, differences } = props;
  return (
    <Card title={`Changed since version ${version - 1}`}>
      {differences.length === 0 && <p className="soft">No amount: a line has other words.</p>}
      <ul className="stack">
        {differences.map(({ Line, BeforeAmount, Amount, ChangeAmount }, index) => (
          <li key={index}>
            <span className="row spread">
              <span className="statement-address">
                {[Line.Principal && shortName(Line.Principal), Line.Model, Line.TokenClass, Line.Text]
                  .filter(Boolean)
                  .join(', ')}
              </span>
              <strong className="figures">{money(ChangeAmount)}</strong>
            </span>
            <span className="faint small">
              {money(BeforeAmount)} to {money(Amount)}
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}
