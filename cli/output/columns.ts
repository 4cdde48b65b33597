import { trimEndOf } from "../../provider/text/trim.js";

/** Rows as lines, with their cells below each other, two spaces apart. */
export function alignColumns(rows: readonly (readonly string[])[]): readonly string[] {
  const count = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: count }, (_, column) => Math.max(...rows.map((row) => widthOf(row[column] ?? ""))));
  return rows.map((row) => {
    const cells = widths.map((width, column) => (row[column] ?? "") + " ".repeat(width - widthOf(row[column] ?? "")));
    return trimEndOf(cells.join("  "), " ");
  });
}

function widthOf(text: string): number {
  return Array.from(text).length;
}
