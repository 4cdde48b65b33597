import type { Archive } from "../../../provider/packages/deb/resolve/candidates.js";
import { fieldOf, formatParagraph, parseParagraph, parseParagraphs } from "../../../provider/packages/deb/formats/control.js";

/** What dpkg does not keep of a package index. */
const dropped = new Set(["Filename", "Size", "MD5sum", "SHA256", "Description-md5", "Tag"]);

/**
 * dpkg's status of a base as it would be on another architecture: the same packages, each as `archives` (of that architecture) have it
 * in the base's version, or in whatever version they have. With mere replacing of the word, apt would find other packages of the
 * same version in the archive, and install those. Packages that the architecture lacks are left out.
 */
export function foreignStatus(status: string, archives: readonly Archive[]): string {
  return parseParagraphs(status, "the base's status")
    .flatMap((fields) => {
      const stanzas = archives.flatMap(({ index }) => index.stanzas(fieldOf(fields, "Package") ?? ""));
      const found = stanzas.map((stanza) => parseParagraph(stanza, "a package index"));
      const same = found.find((one) => fieldOf(one, "Version") === fieldOf(fields, "Version")) ?? found.at(-1);
      if (same === undefined) return [];
      const kept = [...same].filter(([name]) => !dropped.has(name));
      return [`${formatParagraph(new Map([...kept, ["Status", "install ok installed"]]))}\n`];
    })
    .join("");
}
