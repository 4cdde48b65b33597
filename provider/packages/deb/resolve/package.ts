import type { PackageSource } from "../../packages.js";
import { fieldOf, type Paragraph } from "../formats/control.js";
import { parseDependencies, parseProvides, type Dependency, type DependencyGroup, type Provided } from "../formats/dependency.js";

/** A group of Depends or Pre-Depends. */
export interface Need {
  readonly field: "Pre-Depends" | "Depends";
  readonly group: DependencyGroup;
}

/** One item of Conflicts or Breaks. */
export interface Exclusion {
  readonly field: "Conflicts" | "Breaks";
  readonly dependency: Dependency;
}

/** Where the archive has a package, and what its package index says. */
export interface ArchiveEntry {
  readonly source: PackageSource;
  /** apt_preferences(5): 500 unless the archive says otherwise. */
  readonly priority: number;
  /** Bytes as latin1. */
  readonly stanza: string;
}

/** A package as the resolver sees it: installed in the base, or in an archive. */
export interface DebianPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly multiArch: string | undefined;
  readonly essential: boolean;
  /** A package of the base whose dpkg selection is `hold`: it stays as it is (dpkg(1)). */
  readonly held: boolean;
  /** 0 `required` to 4 `extra`; 4 without a Priority field. */
  readonly rank: number;
  /** Name and version of the source package that it was built from. */
  readonly builtFrom: string;
  /** Pre-Depends first, in apt's order. */
  readonly needs: readonly Need[];
  readonly recommends: readonly DependencyGroup[];
  readonly exclusions: readonly Exclusion[];
  readonly provides: readonly Provided[];
  readonly fields: Paragraph;
  /** Undefined for a package of the base. */
  readonly archive: ArchiveEntry | undefined;
}

const ranks = ["required", "important", "standard", "optional", "extra"];

/** Reads what the resolver needs from a paragraph of a package index or of dpkg's database. Throws `DhiError` "invalid". */
export function readPackage(fields: Paragraph, architecture: string, archive?: ArchiveEntry): DebianPackage {
  const name = fieldOf(fields, "Package") ?? "";
  const version = fieldOf(fields, "Version") ?? "";
  const groups = (field: string): readonly DependencyGroup[] => {
    const text = fieldOf(fields, field);
    return text === undefined ? [] : parseDependencies(text, `${field} of ${name} ${version}`, architecture);
  };
  const needs = (field: Need["field"]): readonly Need[] => groups(field).map((group) => ({ field, group }));
  const exclusions = (field: Exclusion["field"]): readonly Exclusion[] =>
    groups(field).flatMap((group) => group.map((dependency) => ({ field, dependency })));
  const provides = fieldOf(fields, "Provides");
  const rank = ranks.indexOf(fieldOf(fields, "Priority") ?? "");
  return {
    name,
    version,
    architecture: fieldOf(fields, "Architecture") ?? architecture,
    multiArch: fieldOf(fields, "Multi-Arch"),
    essential: fieldOf(fields, "Essential") === "yes" || fieldOf(fields, "Important") === "yes" || fieldOf(fields, "Protected") === "yes",
    held: /^\s*hold\s/.test(fieldOf(fields, "Status") ?? ""),
    rank: rank === -1 ? ranks.length - 1 : rank,
    builtFrom: readSource(fieldOf(fields, "Source") ?? name, version),
    needs: [...needs("Pre-Depends"), ...needs("Depends")],
    recommends: groups("Recommends"),
    exclusions: [...exclusions("Conflicts"), ...exclusions("Breaks")],
    provides: provides === undefined ? [] : parseProvides(provides, `Provides of ${name} ${version}`),
    fields,
    archive,
  };
}

/** `Source: name (version)`, the version left out where it is the package's own. */
function readSource(text: string, version: string): string {
  const [name = ""] = text.split(/\s/, 1);
  const own = text.slice(name.length).trim();
  if (name !== "" && own.startsWith("(") && own.endsWith(")")) return `${name} ${own.slice(1, -1)}`;
  return `${own === "" ? name : text} ${version}`;
}
