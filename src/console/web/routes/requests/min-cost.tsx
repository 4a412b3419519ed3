import { type ReactElement, useEffect, useState } from 'react';

/** A least cost in US dollars; what is no amount changes nothing. */
export function MinCost(props: {
  readonly value: string | undefined;
  readonly onChange: (usd: string | undefined) => void;
}): ReactElement {
  const [typed, setTyped] = useState(props.value ?? '');
  useEffect(() => setTyped(props.value ?? ''), [props.value]);
  const apply = () => {
    const text = typed.trim().replace(/^\$/, '');
    if (text === '') props.onChange(undefined);
    else if (/^\d{1,12}(\.\d{1,12})?$/.test(text)) props.onChange(text);
    else setTyped(props.value ?? '');
  };
  return (
    <form
      className="min-cost"
      onSubmit={(event) => {
        event.preventDefault();
        apply();
      }}
    >
      <input
        className="input"
        aria-label="Costs at least, in US dollars"
        placeholder="At least $ …"
        inputMode="decimal"
        size={12}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        onBlur={apply}
      />
    </form>
  );
}
