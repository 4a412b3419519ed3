import { useSearch } from '@tanstack/react-router';
import { type ReactElement, useState } from 'react';
import { useSession } from '../../api/session.ts';
import { useCall, useChange } from '../../api/use-call.ts';
import { Button } from '../../components/button.tsx';
import { Field } from '../../components/field.tsx';
import { shortName } from '../../components/name-badge.tsx';
import { Popover } from '../../components/popover.tsx';
import { toast } from '../../components/toast.tsx';
import { parseSearch, type SearchParams, searchText } from '../../display/view-state.ts';

const PAGE = 'explorer';
const LIST = ['tallyline', 'ListSavedViews'] as const;

interface SavedView {
  readonly Id: string;
  readonly Name: string;
  /** What stands behind the `?` of the address. */
  readonly State: string;
  readonly Shared?: boolean;
  readonly Owner: string;
  readonly IsOwn: boolean;
}

interface SavedViews {
  readonly SavedViews: readonly SavedView[];
}

/** Views that were kept, one's own and those that others share; and keeps this one. */
export function SavedViewsMenu(props: { readonly onOpen: (search: SearchParams) => void }): ReactElement {
  const { data, error } = useCall<SavedViews>('tallyline', 'ListSavedViews', { Page: PAGE });
  const remove = useChange<object, { Id: string }>('tallyline', 'DeleteSavedView', LIST);
  return (
    <Popover label="Saved views" side="right" button={{ icon: 'bookmark', children: 'Views' }}>
      {(close) => (
        <>
          <div className="menu-list">
            {data?.SavedViews.map((view) => (
              <div key={view.Id} className="row saved-view">
                <button
                  type="button"
                  className="menu-item"
                  onClick={() => {
                    props.onOpen(parseSearch(view.State));
                    close();
                  }}
                >
                  <span className="grow">{view.Name}</span>
                  {(view.Shared || !view.IsOwn) && (
                    <span className="faint small">{view.IsOwn ? 'shared' : shortName(view.Owner)}</span>
                  )}
                </button>
                {view.IsOwn && (
                  <Button
                    look="ghost"
                    small
                    icon="close"
                    aria-label={`Delete the view ${view.Name}`}
                    onClick={() => remove.mutate({ Id: view.Id })}
                  />
                )}
              </div>
            ))}
            {data?.SavedViews.length === 0 && <div className="menu-title">No views are saved yet</div>}
            {error && <div className="menu-title">{error.message}</div>}
          </div>
          <SaveForm onSaved={close} />
        </>
      )}
    </Popover>
  );
}

function SaveForm({ onSaved }: { readonly onSaved: () => void }): ReactElement {
  const search = useSearch({ strict: false }) as SearchParams;
  const { Role } = useSession();
  const [name, setName] = useState('');
  const [shared, setShared] = useState(false);
  const save = useChange<object>('tallyline', 'PutSavedView', LIST);
  return (
    <form
      className="popover-body"
      onSubmit={(event) => {
        event.preventDefault();
        const State = searchText(search).slice(1);
        save.mutate(
          { Name: name.trim(), Page: PAGE, State, Shared: shared },
          {
            onSuccess: () => {
              toast(`Saved the view ${name.trim()}`);
              onSaved();
            },
          },
        );
      }}
    >
      <Field label="Save this view as" error={save.error?.message}>
        <input value={name} maxLength={128} onChange={(event) => setName(event.target.value)} />
      </Field>
      <div className="row spread">
        {Role === 'member' ? (
          <span />
        ) : (
          <label className="row small">
            <input type="checkbox" checked={shared} onChange={(event) => setShared(event.target.checked)} />
            Others see it, too
          </label>
        )}
        <Button type="submit" look="primary" small disabled={name.trim() === ''} busy={save.isPending}>
          Save
        </Button>
      </div>
    </form>
  );
}
