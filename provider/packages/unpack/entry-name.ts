import { DhiError } from "../../errors.js";

/**
 * Checks the name of a tar entry of a package. Stricter than dpkg, which strips a leading slash and accepts all but newlines: its database
 * has a path a line, and no package needs either. Throws `DhiError` "invalid".
 */
export function checkEntryName(name: string): void {
  if (name.startsWith("/")) throw new DhiError("invalid", "its name is absolute: names in a package start with ./");
  if (/[\x00-\x1f\x7f]/.test(name)) throw new DhiError("invalid", "its name has a control character");
  if (/(?:^|\/)\.wh\./.test(name)) throw new DhiError("invalid", "its name begins with .wh., which in a layer would remove something");
}
