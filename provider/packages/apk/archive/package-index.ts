import { DhiError } from "../../../errors.js";
import type { ApkPackage, ApkRepository } from "../formats/apk-package.js";
import { parseStanza } from "../formats/package-stanza.js";

/** The text of one APKINDEX, bytes as latin1. */
export interface IndexText {
  readonly text: string;
  readonly repository: ApkRepository;
  /** Names the file in errors. */
  readonly what: string;
}

/** A stanza that is parsed on demand. */
interface Listed {
  readonly part: IndexText;
  readonly start: number;
  readonly end: number;
  readonly checksum: string | undefined;
  /** Its number among all stanzas. */
  readonly order: number;
  /** All repositories that have it: the first is that of `part`. */
  readonly repositories: ApkRepository[];
  parsed: ApkPackage | undefined;
}

/** Bytes of one stanza; the longest of Alpine's has 30 KiB. */
const MAX_STANZA = 1024 * 1024;

/**
 * The packages of several repositories as one: their names, what they provide, and their `install_if`. The rest of a
 * stanza is parsed on demand. A package that several repositories have, identified by its checksum, is one.
 */
export class ApkIndex {
  readonly #named = new Map<string, Listed[]>();
  readonly #provided = new Map<string, Listed[]>();
  readonly #installIf = new Map<string, Listed[]>();
  #count = 0;

  /** In the order of the sources. Throws `DhiError` "invalid" for a stanza without a name, "limit". */
  constructor(parts: readonly IndexText[]) {
    for (const part of parts) this.#scan(part);
  }

  /** The name of every package, in the order of the sources. */
  names(): Iterable<string> {
    return this.#named.keys();
  }

  /** Every name that a package provides besides its own. */
  provided(): Iterable<string> {
    return this.#provided.keys();
  }

  /** The packages of a name, in the order of the sources. Throws `DhiError` "invalid" for a damaged stanza. */
  named(name: string): readonly ApkPackage[] {
    return (this.#named.get(name) ?? []).map(read);
  }

  /** The stanzas of a name, unparsed and unchecked, for callers that need a few fields of many packages. */
  stanzas(name: string): readonly { readonly stanza: string; readonly repositories: readonly ApkRepository[] }[] {
    return (this.#named.get(name) ?? []).map(({ part, start, end, repositories }) => ({
      stanza: part.text.slice(start, end),
      repositories,
    }));
  }

  /** The packages whose `provides` contains the name. Throws `DhiError` "invalid" for a damaged stanza. */
  providers(name: string): readonly ApkPackage[] {
    return (this.#provided.get(name) ?? []).map(read);
  }

  /** The packages that have or provide a name, each once, in the order of the sources: apk's candidates. Throws `DhiError` "invalid". */
  candidates(name: string): readonly ApkPackage[] {
    const all = new Set([...(this.#named.get(name) ?? []), ...(this.#provided.get(name) ?? [])]);
    return [...all].toSorted((one, other) => one.order - other.order).map(read);
  }

  /** The packages whose `install_if` contains the name, `!name` too. Throws `DhiError` "invalid" for a damaged stanza. */
  installedWith(name: string): readonly ApkPackage[] {
    return (this.#installIf.get(name) ?? []).map(read);
  }

  #scan(part: IndexText): void {
    const { text, what, repository } = part;
    for (let at = skipNewlines(text, 0); at < text.length;) {
      const found = text.indexOf("\n\n", at);
      const end = found < 0 ? text.length : found;
      if (end - at > MAX_STANZA)
        throw new DhiError("limit", `${what}: the stanza at byte ${at} has ${end - at} bytes: the limit is ${MAX_STANZA}`);
      const fields = findFields(text, at, end);
      const { P: name = "", C: checksum } = fields;
      if (name === "") throw new DhiError("invalid", `${what}: the stanza at byte ${at} has no package name`);
      const same = this.#named.get(name)?.find((listed) => listed.checksum === checksum);
      if (same !== undefined) {
        if (!same.repositories.includes(repository)) same.repositories.push(repository);
      } else {
        const listed: Listed = { part, start: at, end, checksum, order: this.#count++, repositories: [repository], parsed: undefined };
        add(this.#named, name, listed);
        for (const provided of namesIn(fields.p)) add(this.#provided, provided, listed);
        for (const trigger of namesIn(fields.i)) add(this.#installIf, trigger, listed);
      }
      at = skipNewlines(text, end);
    }
  }
}

function read(listed: Listed): ApkPackage {
  const { part, start, end, repositories } = listed;
  return (listed.parsed ??= parseStanza(part.text.slice(start, end), part.what, repositories));
}

/** The names in a list, each once, without operators and versions. */
function namesIn(list: string | undefined): ReadonlySet<string> {
  const names = new Set<string>();
  for (const word of list?.split(" ") ?? []) {
    const [, name] = /^!?([^<>=~@]+)/.exec(word) ?? [];
    if (name !== undefined) names.add(name);
  }
  return names;
}

type Found = Partial<Record<"P" | "C" | "p" | "i", string>>;

/** The first of each of the four fields that a stanza is looked up by. */
function findFields(text: string, start: number, end: number): Found {
  const found: Found = {};
  for (let at = start; at < end;) {
    const newline = text.indexOf("\n", at);
    const stop = newline < 0 || newline > end ? end : newline;
    const letter = text[at];
    if (letter === "P" || letter === "C" || letter === "p" || letter === "i") found[letter] ??= text.slice(at + 2, stop);
    at = stop + 1;
  }
  return found;
}

function skipNewlines(text: string, at: number): number {
  let next = at;
  while (text[next] === "\n") next += 1;
  return next;
}

function add(map: Map<string, Listed[]>, name: string, listed: Listed): void {
  const known = map.get(name);
  if (known === undefined) map.set(name, [listed]);
  else known.push(listed);
}
