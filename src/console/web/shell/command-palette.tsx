import { useNavigate } from '@tanstack/react-router';
import { type KeyboardEvent, type ReactElement, useEffect, useId, useRef, useState } from 'react';
import { mayAny, useSession } from '../api/session.ts';
import { onListKey } from '../components/list-keys.ts';
import { type Command, useCommandSources } from '../keyboard/commands.ts';
import { PAGES } from '../routes.tsx';

const MAX_PER_GROUP = 8;

function matches(title: string, typed: string): boolean {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  return words.every((word) => title.toLowerCase().includes(word));
}

/** Finds pages, and what the open pages offer, by a few typed letters. */
export function CommandPalette({ onClose }: { readonly onClose: () => void }): ReactElement {
  const session = useSession();
  const navigate = useNavigate();
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  const [typed, setTyped] = useState('');
  const [active, setActive] = useState(0);
  const found = useFound(typed);
  const pages: Command[] = PAGES.filter(({ nav, actions }) => nav && mayAny(session, actions)).map(
    ({ path, title }) => ({
      title,
      group: 'Pages',
      go: path,
    }),
  );
  const shown = Object.values(
    Object.groupBy(
      [
        ...pages.filter(({ title }) => matches(title, typed)),
        ...found.filter(({ title, group }) => group === 'Principals' || matches(title, typed)),
      ],
      ({ group }) => group,
    ),
  ).flatMap((commands) => commands!.slice(0, typed === '' && commands![0]!.group === 'Pages' ? 99 : MAX_PER_GROUP));

  useEffect(() => {
    const opened = dialog.current;
    opened?.showModal();
    return () => opened?.close();
  }, []);

  const run = ({ go }: Command) => {
    onClose();
    if (typeof go === 'function') return go();
    const [to, search = ''] = go.split('?');
    void navigate({ to: to!, search: Object.fromEntries(new URLSearchParams(search)) as never });
  };
  const onKeyDown = (event: KeyboardEvent) => onListKey(event, { id, items: shown, active, setActive, choose: run });

  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape is the element's own; a press on the backdrop is an extra
    <dialog
      ref={dialog}
      className="dialog palette"
      aria-label="Find or go to"
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => event.target === dialog.current && onClose()}
    >
      <input
        className="palette-input"
        role="combobox"
        aria-label="Find pages, views and principals"
        aria-expanded="true"
        aria-controls={`${id}list`}
        aria-activedescendant={shown[active] ? `${id}${active}` : undefined}
        placeholder="Find or go to…"
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setActive(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div className="menu-list palette-list" role="listbox" id={`${id}list`} aria-label="Found">
        {shown.map((command, index) => (
          <div key={`${command.group} ${command.title}`} role="presentation">
            {command.group !== shown[index - 1]?.group && <div className="menu-title">{command.group}</div>}
            {/* biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the search field's */}
            <div
              id={`${id}${index}`}
              className="menu-item"
              role="option"
              tabIndex={-1}
              aria-selected={index === active}
              data-active={index === active}
              onClick={() => run(command)}
            >
              <span className="grow">{command.title}</span>
            </div>
          </div>
        ))}
        {shown.length === 0 && <div className="menu-title">Nothing found</div>}
      </div>
    </dialog>
  );
}

/** What the sources of the open pages find; what fails finds nothing. */
function useFound(typed: string): readonly Command[] {
  const sources = useCommandSources();
  const [found, setFound] = useState<readonly Command[]>([]);
  useEffect(() => {
    const controller = new AbortController();
    void Promise.allSettled(sources.map((source) => source(typed, controller.signal))).then((answers) => {
      if (controller.signal.aborted) return;
      setFound(answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : [])));
    });
    return () => controller.abort();
  }, [sources, typed]);
  return found;
}
