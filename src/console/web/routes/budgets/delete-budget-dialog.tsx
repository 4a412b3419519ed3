import type { UseMutationResult } from '@tanstack/react-query';
import type { ReactElement, ReactNode } from 'react';
import type { ApiError } from '../../api/api-error.ts';
import { ConfirmDialog } from '../../components/dialog.tsx';
import { toast } from '../../components/toast.tsx';

/** Asks before a budget of either kind is deleted. */
export function DeleteBudgetDialog<Input extends object>(props: {
  readonly name: string;
  /** The change that deletes it, and its input. */
  readonly remove: UseMutationResult<object, ApiError, Input>;
  readonly input: Input;
  readonly onClose: () => void;
  readonly onDeleted: () => void;
  /** What goes with it, and what stays. */
  readonly children: ReactNode;
}): ReactElement {
  const { name, remove, input, onClose, onDeleted } = props;
  const onSuccess = () => {
    toast(`Budget ${name} is deleted`);
    onDeleted();
  };
  return (
    <ConfirmDialog
      title={`Delete ${name}?`}
      verb="Delete budget"
      busy={remove.isPending}
      error={remove.error?.message}
      onClose={onClose}
      onConfirm={() => remove.mutate(input, { onSuccess })}
    >
      {props.children}
    </ConfirmDialog>
  );
}
