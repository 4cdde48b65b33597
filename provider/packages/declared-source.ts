import { z } from "zod";
import type { Immutable } from "../image/lenient.js";

/** An archive as the program or the stack's configuration names it. */
export const declaredSourceSchema = z.strictObject({
  url: z.string(),
  /** Default: the distribution's release (Debian); none (Alpine: `url` is the repository itself, as apk's `repositories` has it). */
  suites: z.array(z.string()).optional(),
  /** Default: `main`, or none for suites that are exact paths (they end in a slash). */
  components: z.array(z.string()).optional(),
  /** Default: the distribution's own keys. */
  keys: z.array(z.string()).optional(),
  allowUnsigned: z.boolean().optional(),
  allowExpired: z.boolean().optional(),
});

export type DeclaredSource = Immutable<z.output<typeof declaredSourceSchema>>;
