import { type FormEvent, type ReactElement, useState } from 'react';
import { useChange } from '../../api/use-call.ts';
import { Button } from '../../components/button.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Field, Refusal } from '../../components/field.tsx';
import { Segmented } from '../../components/select.tsx';

type Owner = 'user' | 'role';

/** Makes a key and shows its secret this once. */
export function NewGatewayKey({ onClose }: { readonly onClose: () => void }): ReactElement {
  const create = useChange<{ readonly Secret: string }>('tallyline', 'CreateGatewayKey', [
    'tallyline',
    'ListGatewayKeys',
  ]);
  const [owner, setOwner] = useState<Owner>('user');
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? '').trim();
    const models = text('models')
      .split(/[\s,]+/)
      .filter(Boolean);
    create.mutate({
      Name: text('name'),
      ...(owner === 'user' ? { UserName: text('owner') } : { RoleName: text('owner'), SessionName: text('session') }),
      ExpiresInDays: Number(text('days')),
      ...(models.length > 0 && { AllowedModels: models }),
    });
  };
  if (create.data) {
    return (
      <Dialog title="The new key" onClose={onClose} foot={<Button onClick={onClose}>Done</Button>}>
        <div className="stack">
          <p>It is shown this once, and kept nowhere. Hand it to its owner on a safe way.</p>
          <pre className="secret">{create.data.Secret}</pre>
          <CopyButton text={create.data.Secret} what="Key">
            Copy key
          </CopyButton>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog title="New gateway key" onClose={onClose}>
      <form className="stack" onSubmit={onSubmit}>
        <Field label="Name" hint="Where it is used: laptop-of-ana">
          <input name="name" required maxLength={128} />
        </Field>
        <Segmented
          label="Whose it is"
          value={owner}
          options={[
            { value: 'user', label: 'A user' },
            { value: 'role', label: 'A role' },
          ]}
          onChange={setOwner}
        />
        <Field
          label={owner === 'user' ? 'User' : 'Role'}
          hint="Its calls are theirs: permissions, tags, budgets, the bill"
        >
          <input name="owner" required maxLength={64} />
        </Field>
        {owner === 'role' && (
          <Field label="Session name" hint="Who the bill names, such as an e-mail address">
            <input name="session" required minLength={2} maxLength={64} />
          </Field>
        )}
        <Field label="Days until it expires">
          <input name="days" type="number" min={1} max={36_600} defaultValue={90} required />
        </Field>
        <Field label="Models" hint="Ids with * and ?, separated by commas; empty: every model that its owner may call">
          <input name="models" />
        </Field>
        <Refusal error={create.error} />
        <div className="row">
          <Button look="primary" type="submit" busy={create.isPending}>
            Make key
          </Button>
          <Button type="button" onClick={onClose}>
            Cancel
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
