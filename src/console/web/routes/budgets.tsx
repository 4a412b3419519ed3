import { type ReactElement, useRef } from 'react';
import { useMay } from '../api/session.ts';
import { Page as Frame } from '../components/page.tsx';
import { Popover } from '../components/popover.tsx';
import { Segmented } from '../components/select.tsx';
import { Tabs } from '../components/tabs.tsx';
import { choiceOf, type SearchParams, textOf, useViewState } from '../display/view-state.ts';
import { useShortcut } from '../keyboard/shortcuts.ts';
import { Anomalies } from './budgets/anomalies.tsx';
import { AwsBudgetDetail } from './budgets/aws-budget-detail.tsx';
import { AwsBudgetForm } from './budgets/aws-budget-form.tsx';
import { BudgetList } from './budgets/budget-list.tsx';
import { HardBudgetDetail } from './budgets/hard-budget-detail.tsx';
import { HardBudgetForm } from './budgets/hard-budget-form.tsx';
import { Notices } from './budgets/notices.tsx';
import { Outlooks } from './budgets/outlooks.tsx';
import './budgets/budgets.css';

interface View {
  readonly tab: 'budgets' | 'outlook' | 'anomalies' | 'notices';
  readonly kind: 'all' | 'hard' | 'aws';
  readonly q: string;
  /** `hard:blue-day`, `aws:team search`. Absent: the list. */
  readonly open: string | undefined;
  /** A form that is open. */
  readonly form: '' | 'hard' | 'aws';
}

function parse(search: SearchParams): View {
  return {
    tab: choiceOf(search, 'tab', ['budgets', 'outlook', 'anomalies', 'notices']),
    kind: choiceOf(search, 'kind', ['all', 'hard', 'aws']),
    q: textOf(search, 'q') ?? '',
    open: textOf(search, 'open'),
    form: choiceOf(search, 'form', ['', 'hard', 'aws']),
  };
}

export function Page(): ReactElement {
  const [view, set] = useViewState(parse);
  const searchField = useRef<HTMLInputElement>(null);
  useShortcut('/', 'Search budgets', () => searchField.current?.focus());
  if (view.open !== undefined) return <OpenBudget id={view.open} onClose={() => set({ open: undefined })} />;
  const closeForm = (kind: 'hard' | 'aws') => (name?: string) =>
    set({ form: undefined, ...(name !== undefined && { open: `${kind}:${name}` }) });
  return (
    <Frame
      title="Budgets"
      about="Hard budgets refuse a call before it is made; AWS budgets tell people and act afterwards. The most urgent come first."
      actions={<NewBudget onChoose={(form) => set({ form })} />}
    >
      <Tabs
        label="What to look at"
        tabs={[
          { value: 'budgets', label: 'Budgets' },
          { value: 'outlook', label: 'Outlook' },
          { value: 'anomalies', label: 'Anomalies' },
          { value: 'notices', label: 'Notices sent' },
        ]}
        value={view.tab}
        onChange={(tab) => set({ tab: tab === 'budgets' ? undefined : tab })}
      >
        {view.tab === 'budgets' && (
          <>
            <div className="row">
              <input
                ref={searchField}
                className="input budget-search"
                type="search"
                aria-label="Search budgets"
                placeholder="Search budgets"
                value={view.q}
                onChange={(event) => set({ q: event.target.value || undefined }, { replace: true })}
              />
              <Segmented
                label="Kind of budget"
                value={view.kind}
                options={[
                  { value: 'all', label: 'All' },
                  { value: 'hard', label: 'Hard' },
                  { value: 'aws', label: 'AWS' },
                ]}
                onChange={(kind) => set({ kind: kind === 'all' ? undefined : kind })}
              />
            </div>
            <BudgetList q={view.q} kind={view.kind} onNew={() => set({ form: 'hard' })} />
          </>
        )}
        {view.tab === 'outlook' && <Outlooks onOpen={(open) => set({ open })} />}
        {view.tab === 'anomalies' && <Anomalies />}
        {view.tab === 'notices' && <Notices />}
      </Tabs>
      {view.form === 'hard' && <HardBudgetForm onClose={closeForm('hard')} />}
      {view.form === 'aws' && <AwsBudgetForm onClose={closeForm('aws')} />}
    </Frame>
  );
}

function NewBudget({ onChoose }: { readonly onChoose: (form: 'hard' | 'aws') => void }): ReactElement {
  const may = useMay('tallyline:CreateHardBudget', 'budgets:ModifyBudget');
  const choices = [
    { form: 'hard', action: 'tallyline:CreateHardBudget', label: 'Hard budget', note: 'refuses calls' },
    { form: 'aws', action: 'budgets:ModifyBudget', label: 'AWS budget', note: 'tells people' },
  ] as const;
  return (
    <Popover
      label="New budget"
      side="right"
      button={{
        look: 'primary',
        icon: 'plus',
        children: 'New budget',
        disabled: !choices.some(({ action }) => may(action)),
      }}
    >
      {(close) =>
        choices.map(({ form, action, label, note }) => (
          <button
            key={form}
            type="button"
            className="menu-item"
            disabled={!may(action)}
            onClick={() => {
              close();
              onChoose(form);
            }}
          >
            <span className="grow">{label}</span>
            <span className="faint small">{note}</span>
          </button>
        ))
      }
    </Popover>
  );
}

function OpenBudget({ id, onClose }: { readonly id: string; readonly onClose: () => void }): ReactElement {
  const [kind = '', ...rest] = id.split(':');
  const name = rest.join(':');
  const may = useMay('tallyline:GetBudgetOutlooks');
  return (
    <Frame
      title={name}
      about={
        <button type="button" className="text-button" onClick={onClose}>
          ← All budgets
        </button>
      }
    >
      {kind === 'hard' ? (
        <HardBudgetDetail name={name} onClose={onClose} />
      ) : (
        <AwsBudgetDetail name={name} onClose={onClose} />
      )}
      {may('tallyline:GetBudgetOutlooks') && <Outlooks of={{ kind: kind === 'hard' ? 'HARD' : 'AWS', name }} />}
    </Frame>
  );
}
