import { DhiError } from "../../../errors.js";
import { fieldOf, parseParagraph } from "./control.js";

/** What a package index says about a package's identity. */
export interface PackageIdentity {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
}

/** Checks that a package's `control` agrees with the index that listed its file: the digest may match and still be another package. Throws `DhiError` "invalid". */
export function checkIdentity(control: Buffer | undefined, expected: PackageIdentity): void {
  const fields = parseParagraph((control ?? Buffer.alloc(0)).toString("latin1"), "its control file");
  const own = ["Package", "Version", "Architecture"].map((name) => fieldOf(fields, name) ?? "?");
  if (own.join("\n") === [expected.name, expected.version, expected.architecture].join("\n")) return;
  throw new DhiError("invalid", `its control file says ${own.join(" ")}: the package index lists another package's file`, {
    hint: "The archive is broken or was tampered with: use another one in packageSources",
  });
}
