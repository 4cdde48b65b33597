import { DhiError } from "../../../errors.js";
import { fieldOf, parseParagraph } from "./control.js";

/** What a package index says that a package is. */
export interface PackageIdentity {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
}

/** Whether a package's own `control` says the same as the index that named its file: right bytes may be those of another package. Throws `invalid`. */
export function checkIdentity(control: Buffer | undefined, expected: PackageIdentity): void {
  const fields = parseParagraph((control ?? Buffer.alloc(0)).toString("latin1"), "its control file");
  const own = ["Package", "Version", "Architecture"].map((name) => fieldOf(fields, name) ?? "?");
  if (own.join("\n") === [expected.name, expected.version, expected.architecture].join("\n")) return;
  throw new DhiError("invalid", `it calls itself ${own.join(" ")}: the package index names another package's file`, {
    hint: "The archive is broken, or was tampered with: name another one in packageSources",
  });
}
