import { z } from "zod";
import { orAbsent, present, type Immutable } from "./lenient.js";

const filled = orAbsent(z.string().min(1));

/** The platform in an index's descriptor, or in an image config, which has the same fields. Empty values and those of another type are dropped. */
export const platformSchema = z
  .object({
    os: z.string(),
    architecture: z.string(),
    variant: filled,
    "os.version": filled,
    "os.features": orAbsent(z.array(z.string())),
  })
  .transform(present);

/** OCI image spec, image-index.md, "platform". */
export type Platform = Immutable<z.output<typeof platformSchema>>;

const pattern = /^[a-z0-9]+\/[a-z0-9_]+(?:\/[a-z0-9.]+)?$/;

/** `os/arch[/variant]`, or undefined when `text` is not a platform. */
export function parsePlatform(text: string): Platform | undefined {
  if (!pattern.test(text)) return undefined;
  const [os = "", architecture = "", variant] = text.split("/");
  return { os, architecture, ...(variant === undefined ? {} : { variant }) };
}

/** `os/arch[/variant]`, without the variant that its architecture implies: `linux/arm64/v8` is `linux/arm64`. */
export function formatPlatform(platform: Platform): string {
  const { os, architecture, variant } = platform;
  const implied = architecture === "arm64" ? "v8" : architecture === "amd64" ? "v1" : architecture === "arm" ? "v7" : "";
  return variant === undefined || variant === "" || variant === implied ? `${os}/${architecture}` : `${os}/${architecture}/${variant}`;
}

/** The architecture of packages for `os/arch[/variant]`, with the variant where that makes a difference (`arm/v6`). */
export function architectureOf(text: string): string {
  const { architecture = "", variant } = parsePlatform(text) ?? {};
  return architecture === "arm" && variant !== undefined ? `${architecture}/${variant}` : architecture;
}

/** BuildKit lists attestations, which are not images, with this platform. */
export function isUnknownPlatform(platform: Platform): boolean {
  return platform.os === "unknown" && platform.architecture === "unknown";
}

/** Undefined when `value` is not a platform. */
export function parsePlatformObject(value: unknown): Platform | undefined {
  return platformSchema.safeParse(value).data;
}
