import { type ReactElement, useId, useState } from 'react';
import type { ApiError } from '../../api/api-error.ts';
import { useCall } from '../../api/use-call.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Field, Refusal } from '../../components/field.tsx';
import { type TagHistory, useInstants } from '../tags/tag-calls.ts';
import type { RequiredTag } from './findings.ts';

interface Values {
  readonly Values: readonly { readonly Value: string }[];
}

/** One required tag. Values that are in use are offered, since they are what people mean. */
export function RequiredTagDialog(props: {
  /** Absent: a new one. */
  readonly tag?: RequiredTag;
  readonly taken: readonly string[];
  readonly busy: boolean;
  readonly error: ApiError | null;
  readonly onKeep: (tag: RequiredTag) => void;
  readonly onClose: () => void;
}): ReactElement {
  const { tag, taken } = props;
  const id = useId();
  const [key, setKey] = useState(tag?.TagKey ?? '');
  const [values, setValues] = useState((tag?.AllowedValues ?? []).join('\n'));
  const [about, setAbout] = useState(tag?.Description ?? '');
  const history = useCall<TagHistory>('tallyline', 'GetTagHistory', { MaxResults: 1_000 });
  const keys = history.data?.Tags.map(({ TagKey }) => TagKey).filter((one) => !taken.includes(one)) ?? [];
  const instants = useInstants('30d');
  const used = useCall<Values>(
    'tallyline',
    'GetTagValues',
    { ...instants, TagKey: key },
    { enabled: keys.includes(key) },
  );
  const allowed = [
    ...new Set(
      values
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== ''),
    ),
  ];
  const offered =
    keys.includes(key) && used.data
      ? used.data.Values.map(({ Value }) => Value).filter((value) => value !== '' && !allowed.includes(value))
      : [];
  const isTaken = taken.includes(key.trim());

  return (
    <Dialog
      title={tag ? `Change ${tag.TagKey}` : 'Require a tag'}
      onClose={props.onClose}
      foot={
        <>
          <Button onClick={props.onClose}>Cancel</Button>
          <Button
            look="primary"
            busy={props.busy}
            disabled={key.trim() === '' || isTaken}
            onClick={() =>
              props.onKeep({
                ...{ TagKey: key.trim(), AllowedValues: allowed },
                ...(about.trim() !== '' && { Description: about.trim() }),
              })
            }
          >
            {tag ? 'Keep' : 'Require'}
          </Button>
        </>
      }
    >
      <Field
        label="Key"
        hint="As bills have it: iamPrincipal/team, accountTag/unit, or the bare key of a resource."
        error={isTaken ? 'this key is required already' : undefined}
      >
        <input value={key} onChange={(event) => setKey(event.target.value)} list={`${id}keys`} autoComplete="off" />
      </Field>
      <datalist id={`${id}keys`}>
        {keys.map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
      <Field label="Allowed values" hint="One a line. Empty: any value will do.">
        <textarea rows={5} value={values} onChange={(event) => setValues(event.target.value)} />
      </Field>
      {offered.length > 0 && (
        <div className="stack">
          <span className="faint small">In use in the last 30 days, by spend; press one to allow it</span>
          <span className="row">
            {offered.slice(0, 20).map((value) => (
              <Button key={value} small icon="plus" onClick={() => setValues([...allowed, value].join('\n'))}>
                {value}
              </Button>
            ))}
          </span>
        </div>
      )}
      <Field label="What for" hint="For people: who decides on it, what it is used for.">
        <input value={about} onChange={(event) => setAbout(event.target.value)} autoComplete="off" />
      </Field>
      <Refusal error={props.error} />
    </Dialog>
  );
}
