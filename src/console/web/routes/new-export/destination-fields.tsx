import type { ReactElement } from 'react';
import { Field } from '../../components/field.tsx';
import { Segmented } from '../../components/select.tsx';
import type { ExportDraft } from './export-draft.ts';

/** Where files go, and in what form. */
export function DestinationFields(props: {
  readonly draft: ExportDraft;
  readonly onChange: (change: Partial<ExportDraft>) => void;
}): ReactElement {
  const { draft, onChange } = props;
  return (
    <div className="stack">
      <div className="grid-3">
        <Field
          label="Bucket"
          hint="A folder below the data folder’s exports/, unless the configuration leads elsewhere."
        >
          <input
            value={draft.bucket}
            onChange={(event) => onChange({ bucket: event.target.value })}
            autoComplete="off"
          />
        </Field>
        <Field label="Prefix" hint="Folders inside the bucket; may be empty.">
          <input
            value={draft.prefix}
            onChange={(event) => onChange({ prefix: event.target.value })}
            autoComplete="off"
          />
        </Field>
        <Field label="Region">
          <input
            value={draft.region}
            onChange={(event) => onChange({ region: event.target.value })}
            autoComplete="off"
          />
        </Field>
      </div>
      <div className="row export-choices">
        <Labelled label="Format">
          <Segmented
            label="Format"
            value={draft.format}
            options={[
              { value: 'PARQUET', label: 'Parquet' },
              { value: 'TEXT_OR_CSV', label: 'CSV, gzip' },
            ]}
            onChange={(format) => onChange({ format })}
          />
        </Labelled>
        <Labelled label="Each refresh">
          <Segmented
            label="Each refresh"
            value={draft.overwrite}
            options={[
              { value: 'OVERWRITE_REPORT', label: 'replaces the last' },
              { value: 'CREATE_NEW_REPORT', label: 'has a folder of its own' },
            ]}
            onChange={(overwrite) => onChange({ overwrite })}
          />
        </Labelled>
        <Labelled label="Set-up files for">
          <Segmented
            label="Set-up files for"
            value={draft.outputType}
            options={[
              { value: 'CUSTOM', label: 'none' },
              { value: 'ATHENA', label: 'Athena' },
              { value: 'REDSHIFT', label: 'Redshift' },
            ]}
            onChange={(outputType) => onChange({ outputType })}
          />
        </Labelled>
      </div>
    </div>
  );
}

function Labelled(props: { readonly label: string; readonly children: ReactElement }): ReactElement {
  return (
    <div className="stack export-choice">
      <span className="soft small">{props.label}</span>
      {props.children}
    </div>
  );
}
