import { z } from "zod";
import { DhiError } from "../../errors.js";
import { noticeKinds } from "../../notice-kind.js";
import { compileGlob } from "../../rootfs/select/glob.js";
import { parseLicense } from "../policy/license-id.js";
import { flag, list, object, parsed } from "./schema.js";

/** A name or a glob of names. */
export interface NamePattern {
  /** As declared. */
  readonly text: string;
  readonly matches: (name: string) => boolean;
}

function namePattern(what: string, normalize: (text: string) => string): z.ZodType<NamePattern> {
  return parsed(what, (text): NamePattern => {
    if (text === "" || /[\s/]/.test(text)) throw new DhiError("invalid", `${JSON.stringify(text)} is not ${what}`);
    const matches = compileGlob(normalize(text), text);
    return { text, matches: (name) => matches(normalize(name)) };
  });
}

const packagePattern = namePattern("the name of a package, or a glob such as telnet*", (name) => name);
const licensePattern = namePattern("an SPDX licence identifier, or a glob such as AGPL-*", parseLicense);

const maximumGrowth = z
  .number({ error: "is not a number. Give the bytes that the added layers may have" })
  .refine((value) => Number.isSafeInteger(value) && value >= 0, {
    error: ({ input }) => `${JSON.stringify(input)} is not a number of bytes. Give a whole number, 0 or more`,
  });

const noticeKind = z.enum(noticeKinds, {
  error: ({ input }) => `${JSON.stringify(input)} is not a kind of notice. The kinds are ${[...noticeKinds].sort().join(", ")}`,
});

/** `PolicyArgs` of the sdk. */
export const policy = object({
  forbidRoot: flag.optional(),
  forbidShell: flag.optional(),
  forbidPackageManager: flag.optional(),
  forbidSetuid: flag.optional(),
  forbidSecrets: flag.optional(),
  requireSignedInputs: flag.optional(),
  deniedPackages: list(packagePattern, "names or globs of packages").optional(),
  deniedLicenses: list(licensePattern, "SPDX licence identifiers").optional(),
  forbidEndOfLife: flag.optional(),
  maximumGrowthBytes: maximumGrowth.optional(),
  noticesAsErrors: list(noticeKind, "kinds of notices").optional(),
});

export type Policy = z.output<typeof policy>;
export type PolicyRule = keyof Policy;
