/**
 * The blocks of a text between armor lines of one of `labels`, lines included (RFC 7468; RFC 9580, 6.2). Searched by hand: a regular
 * expression would scan to the end of the text from each line that begins a block.
 */
export function armoredBlocks(text: string, labels: readonly string[]): readonly string[] {
  const blocks: string[] = [];
  for (let at = 0; ;) {
    const start = findLine(text, "-----BEGIN ", labels, at);
    const end = start === undefined ? undefined : findLine(text, "-----END ", labels, start.end);
    if (start === undefined || end === undefined) return blocks;
    at = end.end;
    blocks.push(text.slice(start.at, at));
  }
}

function findLine(
  text: string,
  word: string,
  labels: readonly string[],
  from: number,
): { readonly at: number; readonly end: number } | undefined {
  for (let at = text.indexOf(word, from); at >= 0; at = text.indexOf(word, at + word.length)) {
    const label = labels.find((one) => text.startsWith(`${one}-----`, at + word.length));
    if (label !== undefined) return { at, end: at + word.length + label.length + "-----".length };
  }
  return undefined;
}
