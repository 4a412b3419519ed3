import { type ReactElement, useState } from 'react';
import { useSession } from '../api/session.ts';
import { Button } from '../components/button.tsx';
import { OptionList } from '../components/combobox.tsx';
import { Field } from '../components/field.tsx';
import { Popover } from '../components/popover.tsx';
import { Segmented } from '../components/select.tsx';
import { setPreferences, usePreferences } from '../display/preferences.ts';
import { useTimeZone } from '../display/time-zone.ts';
import { US_DOLLARS } from '../format/amounts.ts';

/** The zone that times are shown in, and the currency and precision of money. */
export function DisplayChooser(): ReactElement {
  const zone = useTimeZone();
  const { currency } = usePreferences();
  return (
    <Popover
      label="Time zone and currency"
      side="right"
      button={{ look: 'ghost', icon: 'globe', children: `${zone.name} · ${currency.code}` }}
    >
      {(close) => (
        <div className="popover-body">
          <CurrencyFields />
          <ZoneList onChosen={close} />
        </div>
      )}
    </Popover>
  );
}

function ZoneList({ onChosen }: { readonly onChosen: () => void }): ReactElement {
  const { TimeZone: ownZone } = useSession();
  const zone = useTimeZone();
  const names = [
    ownZone,
    'UTC',
    Intl.DateTimeFormat().resolvedOptions().timeZone,
    ...Intl.supportedValuesOf('timeZone'),
  ];
  const options = [...new Set(names)].map((value) => ({
    value,
    ...(value === ownZone && { note: 'of this server' }),
  }));
  return (
    <OptionList
      label="Time zone"
      single
      options={options}
      value={[zone.name]}
      onChange={([name]) => name && setPreferences({ timeZone: name })}
      onChosen={onChosen}
    />
  );
}

function CurrencyFields(): ReactElement {
  const { currency } = usePreferences();
  const [code, setCode] = useState(currency.code);
  const [rate, setRate] = useState(currency.rate);
  const valid = /^[A-Z]{3}$/.test(code) && /^\d{1,9}(\.\d{1,9})?$/.test(rate) && !/^[0.]+$/.test(rate);
  return (
    <>
      <Segmented
        label="Precision of money"
        value={currency.precision}
        options={[
          { value: 'cents', label: 'Cents' },
          { value: 'exact', label: 'Every digit' },
        ]}
        onChange={(precision) => setPreferences({ currency: { ...currency, precision } })}
      />
      <form
        className="row"
        onSubmit={(event) => {
          event.preventDefault();
          if (valid) setPreferences({ currency: { ...currency, code, rate: code === 'USD' ? '1' : rate } });
        }}
      >
        <Field label="Currency">
          <input
            value={code}
            maxLength={3}
            size={5}
            onChange={(event) => {
              const next = event.target.value.toUpperCase();
              setCode(next);
              if (next === US_DOLLARS.code) setRate('1');
            }}
          />
        </Field>
        <Field label="Units for 1 USD">
          <input value={rate} inputMode="decimal" size={9} onChange={(event) => setRate(event.target.value)} />
        </Field>
        <Button type="submit" disabled={!valid}>
          Use
        </Button>
      </form>
      <p className="faint small">Amounts are kept in US dollars. Another currency is a display at your rate.</p>
    </>
  );
}
