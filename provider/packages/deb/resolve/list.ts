import type { ListedPackage } from "../../family.js";
import { pickCandidate, type Archive, type Weighed } from "./candidates.js";
import { fieldOf } from "../formats/control.js";
import type { DebianPackage } from "./package.js";

interface Found extends Weighed {
  readonly size: number;
  readonly description: string;
}

/** What apt would offer under each name, sorted by name. Only the listed fields of a stanza are read: there are tens of thousands. */
export function listDebian(request: {
  readonly installed: readonly DebianPackage[];
  readonly archives: readonly Archive[];
  readonly architecture: string;
}): readonly ListedPackage[] {
  const { archives, architecture } = request;
  const installed = new Map(request.installed.map((found) => [found.name, found]));
  const names = new Set([...archives.flatMap(({ index }) => [...index.names()]), ...installed.keys()]);
  return [...names].sort().flatMap((name): readonly ListedPackage[] => {
    const versions = archives.flatMap(({ index, priority }) =>
      index.stanzas(name).flatMap((stanza) => readFound(stanza, architecture, priority)),
    );
    const present = installed.get(name);
    const found = present === undefined ? pickCandidate(versions, undefined) : versions.find(({ version }) => version === present.version);
    if (found !== undefined) {
      const { version, description, size } = found;
      return [{ name, version, description, size, installed: present !== undefined }];
    }
    if (present === undefined) return [];
    return [{ name, version: present.version, description: firstLine(fieldOf(present.fields, "Description")), size: 0, installed: true }];
  });
}

function readFound(stanza: string, architecture: string, priority: number): readonly Found[] {
  const own = valueOf(stanza, "Architecture");
  if (own !== architecture && own !== "all") return [];
  const version = valueOf(stanza, "Version") ?? "";
  return [
    { version, archive: { priority }, size: Number(valueOf(stanza, "Size") ?? 0), description: firstLine(valueOf(stanza, "Description")) },
  ];
}

const patterns = new Map<string, RegExp>();

function valueOf(stanza: string, field: string): string | undefined {
  let pattern = patterns.get(field);
  if (pattern === undefined) patterns.set(field, (pattern = new RegExp(`^${field}:[ \\t]*(.*)$`, "mi")));
  return pattern.exec(stanza)?.[1];
}

/** Stanzas are latin1; descriptions are UTF-8 (Debian policy 5.1). */
function firstLine(text = ""): string {
  return Buffer.from(text.split("\n", 1)[0] ?? "", "latin1").toString("utf8");
}
