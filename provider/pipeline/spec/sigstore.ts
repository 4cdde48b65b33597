import type { z } from "zod";
import { DhiError } from "../../errors.js";
import { object, parsed, text } from "./schema.js";

const service = parsed("the http or https URL of a service", (value) => {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url?.protocol === "https:" || url?.protocol === "http:") {
    if (url.username === "" && url.password === "") return value;
    throw new DhiError("invalid", "has credentials in its URL", { hint: "Leave them out" });
  }
  throw new DhiError("invalid", `"${value}" is not an http or https URL`);
});

const file = text("the path of a file, relative to the Pulumi project").min(1, { error: '"" is not the path of a file' });

/** Services of one's own; what is left out is the public Sigstore's. */
export const sigstore = object({
  fulcioUrl: service.optional(),
  rekorUrl: service.optional(),
  tsaUrl: service.optional(),
  /** A file, `application/vnd.dev.sigstore.trustedroot+json`. Used to verify. */
  trustedRoot: file.optional(),
  /** A file, `application/vnd.dev.sigstore.signingconfig.v0.2+json`, in place of the three URLs. */
  signingConfig: file.optional(),
}).superRefine((value, context) => {
  for (const name of ["fulcioUrl", "rekorUrl", "tsaUrl"] as const) {
    if (value.signingConfig === undefined || value[name] === undefined) continue;
    context.addIssue({ code: "custom", path: [name], message: "is set beside a signingConfig, which names it. Remove one of them" });
  }
});

export type Sigstore = Readonly<z.output<typeof sigstore>>;
