import type { ApkPackage, ApkRepository } from "../../../provider/packages/apk/formats/apk-package.js";
import { ApkIndex } from "../../../provider/packages/apk/archive/package-index.js";
import { parseStanza, splitStanzas } from "../../../provider/packages/apk/formats/package-stanza.js";
import { resolveApk, type ApkResolution, type ResolveOptions } from "../../../provider/packages/apk/resolve/resolver.js";
import { parseWorld } from "../../../provider/packages/apk/resolve/world.js";
import { parsePackage } from "../../../provider/packages/declared.js";
import type { PackageRequest } from "../../../provider/packages/packages.js";
import { toText, type Line } from "./made-archive.js";

export interface MadeRepository {
  readonly tag?: string | undefined;
  readonly lines: readonly Line[];
}

/** An archive, a base and what is asked for, in lines. */
export interface MadeCase extends Pick<ResolveOptions, "assumeInstalled" | "held" | "maxSteps" | "upgrade"> {
  /** One repository, or several. */
  readonly archive: readonly Line[] | readonly MadeRepository[];
  readonly base?: readonly Line[];
  /** Default: every name of the base. */
  readonly world?: string;
  readonly ask: readonly string[];
}

/** `http://archive.example/main`, and `other1` and so on after it. */
export function madeRepository(at: number, tag?: string): ApkRepository {
  const url = `http://archive.example/${at === 0 ? "main" : `other${at}`}`;
  return { url, tag, source: { url, suites: [], components: [], keys: [], allowUnsigned: false, origin: "public" } };
}

/** `name`, `name=version`, `name~version`, `name@tag`, `!name`, each as `packages[n]`. */
export function asked(texts: readonly string[]): readonly PackageRequest[] {
  return texts.map((text, at) => ({ ...parsePackage(text), property: `packages[${at}]` }));
}

/** As the installed database has them. */
export function readBase(text: string): readonly ApkPackage[] {
  return splitStanzas(text).map((stanza) => parseStanza(stanza, "the base's database"));
}

/** Repositories as the resolver takes them. */
export function openRepositories(sources: readonly MadeRepository[]): Pick<ResolveOptions, "lookup" | "repositories" | "architecture"> {
  const parts = sources.map(({ tag, lines }, at) => {
    const repository = madeRepository(at, tag);
    return { text: toText(lines), repository, what: repository.url };
  });
  return { lookup: new ApkIndex(parts), repositories: parts.map(({ repository }) => repository), architecture: "x86_64" };
}

export function resolveMade({ archive, base = [], world, ask, ...options }: MadeCase): ApkResolution {
  const isPlain = archive.every((one) => typeof one === "string");
  const installed = readBase(toText(base));
  return resolveApk({
    ...openRepositories(isPlain ? [{ lines: archive }] : archive.filter((one) => typeof one !== "string")),
    installed,
    world: parseWorld(world ?? installed.map(({ name }) => name).join("\n")),
    requests: asked(ask),
    ...options,
  });
}

/** What is added, `name version`, in order. */
export function added(made: MadeCase): readonly string[] {
  return resolveMade(made).added.map(({ name, version }) => `${name} ${version}`);
}
