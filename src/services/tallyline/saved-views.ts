import { Fault } from '../../kernel/fault.ts';
import type { OperationHandler, OperationTable } from '../../paths/operation-handler.ts';
import { type PageInput, type PageManner, resultPage } from '../../paths/result-page.ts';
import type { OwnedRecords } from '../../reports/owned-records.ts';
import type { SavedView } from '../../reports/saved-view.ts';
import { ownedAccess } from './owned-access.ts';

export interface SavedViewParts {
  readonly savedViews: OwnedRecords<SavedView>;
  readonly newToken: () => string;
}

interface PutInput {
  /** Absent: a new view. */
  readonly Id?: string;
  readonly Name: string;
  readonly Page: string;
  readonly State: string;
  /** Absent: false. */
  readonly Shared?: boolean;
}

const PAGE: PageManner = {
  size: 100,
  invalidToken: () => new Fault('InvalidNextTokenException', 'the token is not one of a page'),
};

/** Views of the console's pages. The owner changes a view; so does who may `tallyline:ManageSavedViews`. */
export function savedViewOperations({ savedViews, newToken }: SavedViewParts): OperationTable {
  const put: OperationHandler<PutInput, unknown> = {
    access: ownedAccess(savedViews, 'PutSavedView', 'ManageSavedViews'),
    run: async ({ input, caller, nowMs }) => {
      const { Id, Name: name, Page: page, State: state, Shared: isShared = false } = input;
      const content = { name, page, state, isShared, updatedAtMs: nowMs };
      if (Id !== undefined) {
        const view = await savedViews.change(caller.accountId, Id, (before) => ({ ...before, ...content }));
        return { SavedView: wireView(view, caller.arn) };
      }
      const owner = { accountId: caller.accountId, ownerArn: caller.arn };
      const view: SavedView = { id: newToken(), ...owner, createdAtMs: nowMs, ...content };
      await savedViews.create(view);
      return { SavedView: wireView(view, caller.arn) };
    },
  };
  const list: OperationHandler<PageInput & { readonly Page?: string }, unknown> = {
    access: () => [{ action: 'tallyline:ListSavedViews', resource: '*' }],
    run: ({ input, caller }) => {
      const visible = savedViews
        .visibleTo(caller)
        .filter(({ page }) => input.Page === undefined || page === input.Page)
        .sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1));
      const { items, rest } = resultPage(visible, orderOf, input, PAGE);
      return { SavedViews: items.map((view) => wireView(view, caller.arn)), ...rest };
    },
  };
  const remove: OperationHandler<{ readonly Id: string }, unknown> = {
    access: ownedAccess(savedViews, 'DeleteSavedView', 'ManageSavedViews'),
    run: async ({ input, caller }) => {
      await savedViews.delete(caller.accountId, input.Id);
      return {};
    },
  };
  return { PutSavedView: put, ListSavedViews: list, DeleteSavedView: remove };
}

function orderOf({ name, id }: SavedView): string {
  return `${name}\n${id}`;
}

function wireView(view: SavedView, viewerArn: string): unknown {
  const { id, name, page, state, isShared, ownerArn, createdAtMs, updatedAtMs } = view;
  return {
    ...{ Id: id, Name: name, Page: page, State: state, Shared: isShared },
    ...{ Owner: ownerArn, IsOwn: ownerArn === viewerArn },
    ...{ CreatedAt: new Date(createdAtMs), UpdatedAt: new Date(updatedAtMs) },
  };
}
