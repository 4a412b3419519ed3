import { type KeyboardEvent, type ReactElement, type ReactNode, useMemo, useState } from 'react';
import { compare } from '../format/decimal.ts';
import { Button } from './button.tsx';
import { csvOf, saveFile } from './download.ts';
import { Icon } from './icon.tsx';
import { Popover } from './popover.tsx';

export interface Column<Row> {
  /** Stable; the name of the column in JSON. */
  readonly id: string;
  readonly header: string;
  /** What is downloaded, sorted by, and shown unless there is a `cell`: of numbers decimal text without separators. */
  readonly text: (row: Row) => string;
  readonly cell?: (row: Row) => ReactNode;
  /** `number`: to the right, sorted by value, largest first. `actions`: buttons, which are not sorted, picked or downloaded. */
  readonly kind?: 'text' | 'number' | 'actions';
  /** Not shown until it is picked. */
  readonly hidden?: boolean;
  /** Long text takes several lines. */
  readonly wrap?: boolean;
}

interface Sort {
  readonly id: string;
  readonly descending: boolean;
}

export interface DataTableProps<Row> {
  /** Read aloud as the table's name. */
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowId: (row: Row) => string;
  /** Absent: in the order of the rows. */
  readonly sort?: Sort;
  /** A press on a row, or Enter. */
  readonly onOpen?: (row: Row) => void;
  /** What stands there without rows, such as an EmptyState. */
  readonly empty: ReactNode;
  /** Begin of the names of downloaded files; absent: no download. */
  readonly download?: string;
  /** Lets the reader choose columns. */
  readonly pickColumns?: boolean;
  /** Sums and the like by column. */
  readonly foot?: Readonly<Record<string, ReactNode>>;
  /** CSS length; the head stays in sight while rows scroll. */
  readonly maxHeight?: string;
  /** More buttons above the table. */
  readonly tools?: ReactNode;
}

/** More rows than this are shown on demand: a browser lays out thousands slowly. */
const FIRST_ROWS = 200;

function sorted<Row>(rows: readonly Row[], columns: readonly Column<Row>[], sort: Sort | undefined): readonly Row[] {
  const column = columns.find(({ id }) => id === sort?.id);
  if (!column || !sort) return rows;
  const sign = sort.descending ? -1 : 1;
  const order =
    column.kind === 'number'
      ? (a: string, b: string) => (a === '' || b === '' ? Number(a === '') - Number(b === '') : sign * compare(a, b))
      : (a: string, b: string) => sign * a.localeCompare(b);
  return rows.toSorted((a, b) => order(column.text(a), column.text(b)));
}

function moveFocus(event: KeyboardEvent<HTMLTableRowElement>): void {
  const row = event.currentTarget;
  const target =
    event.key === 'ArrowDown'
      ? row.nextElementSibling
      : event.key === 'ArrowUp'
        ? row.previousElementSibling
        : event.key === 'Home'
          ? row.parentElement?.firstElementChild
          : event.key === 'End'
            ? row.parentElement?.lastElementChild
            : undefined;
  if (target === undefined) return;
  event.preventDefault();
  (target as HTMLElement | null)?.focus();
}

/** Rows and columns. Arrows move between rows, Enter opens one, Escape leaves. */
export function DataTable<Row>(props: DataTableProps<Row>): ReactElement {
  const { columns, rows, onOpen } = props;
  const [sort, setSort] = useState(props.sort);
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set());
  const [all, setAll] = useState(false);
  const shown = columns.filter(({ id, hidden }) => (hidden ?? false) === toggled.has(id));
  const ordered = useMemo(() => sorted(rows, columns, sort), [rows, columns, sort]);
  const visible = all ? ordered : ordered.slice(0, FIRST_ROWS);

  const sortBy = ({ id, kind }: Column<Row>) =>
    setSort((before) => ({ id, descending: before?.id === id ? !before.descending : kind === 'number' }));
  const toggle = (id: string) =>
    setToggled((before) => new Set(before.has(id) ? [...before].filter((one) => one !== id) : [...before, id]));

  return (
    <div className="table-box">
      {(props.download || props.pickColumns || props.tools) && (
        <div className="table-tools">
          <span className="faint small">
            {rows.length === 1 ? '1 row' : `${rows.length.toLocaleString('en-US')} rows`}
          </span>
          {props.tools}
          {props.pickColumns && <ColumnPicker columns={columns} shown={shown} onToggle={toggle} />}
          {props.download && <Downloads name={props.download} columns={shown} rows={ordered} />}
        </div>
      )}
      {rows.length === 0 ? (
        props.empty
      ) : (
        <div
          className="table-scroll"
          style={props.maxHeight ? { maxHeight: props.maxHeight } : {}}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
          tabIndex={0}
          role="region"
          aria-label={props.label}
        >
          <table className="table">
            <caption className="only-read-aloud">{props.label}</caption>
            <thead>
              <tr>
                {shown.map((column) => (
                  <th
                    key={column.id}
                    scope="col"
                    className={column.kind === 'number' ? 'number' : ''}
                    aria-sort={sort?.id !== column.id ? 'none' : sort.descending ? 'descending' : 'ascending'}
                  >
                    {column.kind === 'actions' ? (
                      <span className="only-read-aloud">{column.header}</span>
                    ) : (
                      <button type="button" onClick={() => sortBy(column)}>
                        {column.header}
                        {sort?.id === column.id && <Icon name={sort.descending ? 'down' : 'up'} size={12} />}
                      </button>
                    )}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {visible.map((row, index) => (
                <tr
                  key={props.rowId(row)}
                  tabIndex={index === 0 ? 0 : -1}
                  data-action={onOpen !== undefined}
                  onClick={(event) => {
                    if (!(event.target as HTMLElement).closest('a, button, input')) onOpen?.(row);
                  }}
                  onKeyDown={(event) => {
                    if (event.target !== event.currentTarget) return;
                    if (event.key === 'Enter') onOpen?.(row);
                    else if (event.key === 'Escape') event.currentTarget.blur();
                    else moveFocus(event);
                  }}
                >
                  {shown.map((column) => (
                    <td
                      key={column.id}
                      className={[column.kind === 'number' && 'number', column.wrap && 'wrap']
                        .filter(Boolean)
                        .join(' ')}
                    >
                      {column.cell ? column.cell(row) : column.text(row)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
            {props.foot && (
              <tfoot>
                <tr>
                  {shown.map(({ id, kind }) => (
                    <td key={id} className={kind === 'number' ? 'number' : ''}>
                      {props.foot?.[id]}
                    </td>
                  ))}
                </tr>
              </tfoot>
            )}
          </table>
        </div>
      )}
      {visible.length < ordered.length && (
        <div className="table-tools">
          <Button small onClick={() => setAll(true)}>
            {`Show all ${ordered.length.toLocaleString('en-US')} rows`}
          </Button>
        </div>
      )}
    </div>
  );
}

function isPicked<Row>({ kind }: Column<Row>): boolean {
  return kind !== 'actions';
}

function ColumnPicker<Row>(props: {
  readonly columns: readonly Column<Row>[];
  readonly shown: readonly Column<Row>[];
  readonly onToggle: (id: string) => void;
}): ReactElement {
  return (
    <Popover label="Columns" side="right" button={{ look: 'ghost', small: true, icon: 'columns', children: 'Columns' }}>
      {() => (
        <div className="menu-list">
          {props.columns.filter(isPicked).map((column) => (
            <label key={column.id} className="menu-item">
              <input
                type="checkbox"
                checked={props.shown.includes(column)}
                onChange={() => props.onToggle(column.id)}
              />
              <span className="grow">{column.header}</span>
            </label>
          ))}
        </div>
      )}
    </Popover>
  );
}

function Downloads<Row>(props: {
  readonly name: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
}): ReactElement {
  const { name, rows } = props;
  const columns = props.columns.filter(({ kind }) => kind !== 'actions');
  const saveCsv = () => {
    const lines = [columns.map(({ header }) => header), ...rows.map((row) => columns.map(({ text }) => text(row)))];
    saveFile(`${name}.csv`, new Blob([csvOf(lines)], { type: 'text/csv' }));
  };
  const saveJson = () => {
    const objects = rows.map((row) => Object.fromEntries(columns.map(({ id, text }) => [id, text(row)])));
    saveFile(`${name}.json`, new Blob([`${JSON.stringify(objects, null, 2)}\n`], { type: 'application/json' }));
  };
  return (
    <>
      <Button look="ghost" small icon="export" onClick={saveCsv}>
        CSV
      </Button>
      <Button look="ghost" small icon="export" onClick={saveJson}>
        JSON
      </Button>
    </>
  );
}
