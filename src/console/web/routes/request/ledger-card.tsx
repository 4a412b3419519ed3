import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { Card } from '../../components/card.tsx';
import { Count } from '../../components/figures.tsx';
import { TimeText } from '../../components/time.tsx';
import { shortModel } from '../../format/model-name.ts';
import type { RequestCharge, RequestDetail } from './request-detail.ts';

/** The price of the call as a ledger: what was used, times its price, added up; nothing is rounded. */
export function LedgerCard({ detail }: { readonly detail: RequestDetail }): ReactElement {
  const { Charges: charges, CostUsd: cost, NetCostUsd: netCost } = detail;
  return (
    <Card title="What it cost" note="every digit, at the prices of its instant" flush>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <div className="table-scroll" tabIndex={0} role="region" aria-label="The ledger of this call">
        <table className="table ledger">
          <caption className="only-read-aloud">Quantity times price of everything that the call used</caption>
          <thead>
            <tr>
              <th scope="col">Used</th>
              <th scope="col" className="number">
                Quantity
              </th>
              <th scope="col" className="number">
                × Price of one
              </th>
              <th scope="col" className="number">
                = Cost
              </th>
              <th scope="col">Price</th>
            </tr>
          </thead>
          <tbody>
            {charges.map((charge) => (
              <ChargeLine key={charge.UsageType} charge={charge} callModel={detail.Request.ModelId} />
            ))}
            {charges.length === 0 && (
              <tr>
                <td colSpan={5} className="faint">
                  It used nothing that is counted.
                </td>
              </tr>
            )}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row" colSpan={3}>
                Sum
              </th>
              <td className="number mono" data-testid="ledger-sum">
                ${cost}
              </td>
              <td className="soft">
                {detail.Request.IsUnpriced && 'without what has no price '}
                {netCost !== cost && `$${netCost} after discounts`}
              </td>
            </tr>
          </tfoot>
        </table>
      </div>
    </Card>
  );
}

function ChargeLine({
  charge,
  callModel,
}: {
  readonly charge: RequestCharge;
  readonly callModel: string;
}): ReactElement {
  const { Meter: meter, Quantity: quantity, UnitPriceUsd: unitPrice, CostUsd: cost, ModelId: model } = charge;
  return (
    <tr data-meter={meter}>
      <th scope="row">
        {meter.replaceAll('_', ' ')}
        {model !== callModel && <span className="soft"> of {shortModel(model)}</span>}
        {charge.Context === 'long_context' && <span className="chip">long context</span>}
      </th>
      <td className="number mono">
        <Count value={quantity} />
      </td>
      <td className="number mono">{unitPrice === undefined ? '–' : `$${unitPrice}`}</td>
      <td className="number mono">
        {charge.IsUnpriced ? <span className="chip chip-bad">unpriced</span> : `$${cost}`}
      </td>
      <td>
        <PriceRow charge={charge} />
      </td>
    </tr>
  );
}

/** Which row of the price book, from when to when it holds, and where it comes from. */
function PriceRow({ charge }: { readonly charge: RequestCharge }): ReactElement {
  const { Price: price, QuotedPriceUsd: quoted, QuotedPer: per, ModelId: model } = charge;
  if (charge.IsUnpriced) return <Link to="/prices">No price is known: add one</Link>;
  return (
    <span className="price-row">
      <span>
        ${quoted} per {per}
        {charge.Discounts.map(({ Name: name, UnitPriceUsd: off }) => (
          <span key={name} className="soft">
            {' '}
            − {name} ${off}
          </span>
        ))}
      </span>
      {price && (
        <span className="small soft">
          {price.EffectiveFrom === undefined ? (
            'always'
          ) : (
            <>
              from <TimeText at={price.EffectiveFrom} show="date" zoneHidden />
            </>
          )}
          {price.EffectiveTo !== undefined && (
            <>
              {' '}
              to <TimeText at={price.EffectiveTo} show="date" zoneHidden />
            </>
          )}
          {' · '}
          <Link to="/prices" search={{ q: model } as never} title={price.PriceId}>
            {price.Source === 'override' ? 'own price' : price.Source}
          </Link>
          {price.Source !== 'override' && `, certainty ${price.Certainty}`}
          {price.Checked !== undefined && `, checked ${price.Checked}`}
        </span>
      )}
    </span>
  );
}
