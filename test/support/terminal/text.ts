/** One column of a line: a character and how it is shown. */
export interface Cell {
  readonly character: string;
  readonly style: Style;
}

export interface Style {
  /** 0 to 15 of the terminal's palette; undefined: the terminal's own. */
  readonly color: number | undefined;
  readonly bold: boolean;
}

export type Line = readonly Cell[];

const plain: Style = { color: undefined, bold: false };

/** Lines of what a program printed. Throws at an escape sequence that is not a colour of the palette, bold or a reset. */
export function parseTerminal(text: string): readonly Line[] {
  let style = plain;
  return text.split("\n").map((line) => {
    const cells: Cell[] = [];
    // Splitting by a group puts the parameters of each sequence between the texts (ECMA-48 section 8.3.117, SGR).
    for (const [at, part] of line.split(/\x1b\[([0-9;]*)m/).entries()) {
      if (at % 2 === 1) style = select(style, part);
      else for (const character of part) cells.push({ character: printable(character), style });
    }
    return trimEnd(cells);
  });
}

function select(style: Style, parameters: string): Style {
  if (parameters === "" || parameters === "0") return plain;
  if (parameters === "1") return { ...style, bold: true };
  const color = Number(/^38;5;([0-9]{1,2})$/.exec(parameters)?.[1] ?? Number.NaN);
  if (color < 16) return { ...style, color };
  throw new Error(`the escape sequence ESC[${parameters}m is not a colour of the palette, bold or a reset`);
}

function printable(character: string): string {
  if (character < " ") throw new Error(`the control character ${JSON.stringify(character)} cannot be drawn`);
  return character;
}

function trimEnd(cells: readonly Cell[]): Line {
  return cells.slice(0, cells.findLastIndex(({ character }) => character !== " ") + 1);
}

export function lineText(line: Line): string {
  return line.map(({ character }) => character).join("");
}

/** Keeps the first 12 digits of each digest, and an ellipsis for the rest. */
export function shortenDigests(line: Line): Line {
  const short: Cell[] = [];
  let from = 0;
  for (const { index } of lineText(line).matchAll(/(?<=sha256:)[0-9a-f]{64}/g)) {
    short.push(...line.slice(from, index + 12), { character: "…", style: plain });
    from = index + 64;
  }
  return [...short, ...line.slice(from)];
}
