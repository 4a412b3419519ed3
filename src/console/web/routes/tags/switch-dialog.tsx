import type { ReactElement } from 'react';
import { useChange } from '../../api/use-call.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Refusal } from '../../components/field.tsx';
import { toast } from '../../components/toast.tsx';
import { type KeyRow, verbOf } from './key-table.tsx';
import { OUTDATED_BY_SWITCH } from './tag-calls.ts';

interface UpdateAnswer {
  readonly Errors?: readonly { readonly TagKey: string; readonly Message: string }[];
}

/** Says what a switch changes, where and from when, before it is made. */
export function SwitchDialog(props: { readonly row: KeyRow; readonly onClose: () => void }): ReactElement {
  const { row, onClose } = props;
  const isOn = row.tag.Status === 'Active';
  const verb = verbOf(row);
  const update = useChange<UpdateAnswer>('ce', 'UpdateCostAllocationTagsStatus', ...OUTDATED_BY_SWITCH);
  const refused = update.data?.Errors?.[0];
  const run = () =>
    update.mutate(
      { CostAllocationTagsStatus: [{ TagKey: row.key, Status: isOn ? 'Inactive' : 'Active' }] },
      {
        onSuccess: ({ Errors = [] }) => {
          if (Errors.length > 0) return;
          toast(`${row.key} is ${isOn ? 'inactive' : 'active'}`);
          onClose();
        },
      },
    );
  return (
    <Dialog
      title={`${verb} ${row.key}`}
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look={isOn ? 'danger' : 'primary'} busy={update.isPending} onClick={run}>
            {verb}
          </Button>
        </>
      }
    >
      {isOn ? (
        <ul className="tag-effects">
          <li>
            Calls from now on show no value of this key in Explorer, Cost Explorer, budgets, cost categories and
            exports.
          </li>
          <li>Calls until now keep the value they show. A backfill takes it from them, too.</li>
          <li>
            Nothing is lost: every call keeps its tags, and activating the key again with a backfill brings them back.
          </li>
          <li>Budgets and rules of cost categories that look at this key stop matching new calls.</li>
        </ul>
      ) : (
        <ul className="tag-effects">
          <li>Calls from now on show their value in Explorer, Cost Explorer, budgets, cost categories and exports.</li>
          <li>Calls until now stay untagged in reports, until a backfill fills the past in.</li>
          <li>
            In bills the key is <code>{row.key}</code>. The same name on another kind of thing is another key, with a
            switch of its own.
          </li>
          <li>Exports have more rows: one for each different set of tags.</li>
        </ul>
      )}
      <Refusal error={update.error ?? (refused ? { message: refused.Message } : null)} />
    </Dialog>
  );
}
