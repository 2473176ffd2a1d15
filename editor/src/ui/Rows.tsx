/** A list as a plain table. A row opens by click or Enter; links and buttons inside it keep their own meaning. */
import type { KeyboardEvent, MouseEvent, ReactNode } from "react";

export type Column<T> = {
  key: string;
  title: ReactNode;
  width?: number;
  align?: "right";
  show: (row: T) => ReactNode;
};

type Props<T> = { rows: T[]; columns: Column<T>[]; open: (row: T) => void; label: string };

export function Rows<T extends { id: string }>({ rows, columns, open, label }: Props<T>) {
  const press = (event: KeyboardEvent<HTMLTableRowElement>, row: T) => {
    if (event.key === "Enter" && event.target === event.currentTarget) open(row);
  };
  return (
    <table className="rows" aria-label={label}>
      <colgroup>
        {columns.map((column) => (
          <col key={column.key} width={column.width} />
        ))}
      </colgroup>
      <thead>
        <tr>
          {columns.map((column) => (
            <th key={column.key} scope="col" align={column.align}>
              {column.title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr
            key={row.id}
            tabIndex={0}
            onClick={(event) => onRow(event) && open(row)}
            onKeyDown={(event) => press(event, row)}
          >
            {columns.map((column) => (
              <td key={column.key} align={column.align}>
                {column.show(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Whether a click meant the row itself: not a link or button in it, nor a menu opened from it, nor selecting text. */
function onRow(event: MouseEvent<HTMLTableRowElement>): boolean {
  const target = event.target as Element;
  return (
    event.currentTarget.contains(target) && !target.closest("a, button, input") && !window.getSelection()?.toString()
  );
}
