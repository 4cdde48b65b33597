import { lineText, type Cell, type Line } from "./text.js";

const fonts = 'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace';
const fontSize = 14;
/** Of a column. Every run starts at its own, so that columns stand under each other in whatever monospaced font the reader has. */
const columnWidth = 8.4;
const lineHeight = 20;
const margin = 16;

interface Palette {
  readonly background: string;
  readonly border: string;
  readonly text: string;
  /** By number of the terminal's palette: red, green, yellow, bright magenta. */
  readonly colors: Readonly<Record<number, string>>;
}

const light: Palette = {
  background: "#f6f8fa",
  border: "#d0d7de",
  text: "#1f2328",
  colors: { 1: "#a40e26", 2: "#116329", 3: "#7d4e00", 13: "#6639ba" },
};
const dark: Palette = {
  background: "#0d1117",
  border: "#30363d",
  text: "#e6edf3",
  colors: { 1: "#ff7b72", 2: "#56d364", 3: "#e3b341", 13: "#d2a8ff" },
};

/** A picture of a terminal, in the colours that the reader's browser prefers. `title`: for who cannot see it. */
export function drawTerminal(lines: readonly Line[], title: string): string {
  const columns = Math.max(...lines.map((line) => line.length));
  const width = Math.ceil(columns * columnWidth) + 2 * margin;
  const height = lines.length * lineHeight + 2 * margin;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escape(title)}</title>`,
    "<style>",
    `text { font-family: ${fonts}; font-size: ${fontSize}px; white-space: pre; }`,
    ".bold { font-weight: bold; }",
    ...rules(light),
    "@media (prefers-color-scheme: dark) {",
    ...rules(dark),
    "}",
    "</style>",
    `<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>`,
    ...lines.flatMap((line, at) => (line.length === 0 ? [] : [drawLine(line, margin + at * lineHeight + fontSize)])),
    "</svg>\n",
  ].join("\n");
}

function rules({ background, border, text, colors }: Palette): readonly string[] {
  const classes = Object.entries(colors).map(([number, color]) => `.c${number} { fill: ${color}; }`);
  return [`rect { fill: ${background}; stroke: ${border}; }`, `text { fill: ${text}; }`, ...classes];
}

function drawLine(line: Line, y: number): string {
  const drawn: string[] = [];
  let column = 0;
  for (const run of runs(line)) {
    const text = lineText(run);
    const indent = text.length - text.trimStart().length;
    if (indent < text.length) drawn.push(drawRun(text.trim(), margin + (column + indent) * columnWidth, run[0]));
    column += run.length;
  }
  return `<text y="${y}" xml:space="preserve">${drawn.join("")}</text>`;
}

/** Neighbours of one style. */
function runs(line: Line): readonly Line[] {
  const found: Cell[][] = [];
  for (const cell of line) {
    const last = found.at(-1);
    if (last?.[0] !== undefined && classOf(last[0]) === classOf(cell)) last.push(cell);
    else found.push([cell]);
  }
  return found;
}

function drawRun(text: string, x: number, first: Cell | undefined): string {
  const name = first === undefined ? "" : classOf(first);
  return `<tspan x="${round(x)}"${name === "" ? "" : ` class="${name}"`}>${escape(text)}</tspan>`;
}

function classOf({ style: { color, bold } }: Cell): string {
  if (color !== undefined && !(color in light.colors)) throw new Error(`the palette has no colour ${String(color)}`);
  return [...(color === undefined ? [] : [`c${String(color)}`]), ...(bold ? ["bold"] : [])].join(" ");
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function round(value: number): string {
  return String(Math.round(value * 10) / 10);
}
