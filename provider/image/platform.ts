import { isObject } from "./json.js";

/** OCI image spec, image-index.md, "platform". */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
  readonly "os.version"?: string;
  readonly "os.features"?: readonly string[];
}

const pattern = /^[a-z0-9]+\/[a-z0-9_]+(?:\/[a-z0-9.]+)?$/;

/** `os/arch[/variant]`, or undefined when `text` is none. */
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

/** What packages for `os/arch[/variant]` are built for: the architecture, with the variant that it is another one by (`arm/v6`). */
export function architectureOf(text: string): string {
  const { architecture = "", variant } = parsePlatform(text) ?? {};
  return architecture === "arm" && variant !== undefined ? `${architecture}/${variant}` : architecture;
}

/** BuildKit marks attestations, which are no images, with this platform. */
export function isUnknownPlatform(platform: Platform): boolean {
  return platform.os === "unknown" && platform.architecture === "unknown";
}

/** The platform in an index's descriptor, or in an image config, which has the same fields. */
export function parsePlatformObject(value: unknown): Platform | undefined {
  if (!isObject(value) || typeof value["os"] !== "string" || typeof value["architecture"] !== "string") return undefined;
  const features = value["os.features"];
  return {
    os: value["os"],
    architecture: value["architecture"],
    ...(typeof value["variant"] === "string" && value["variant"] !== "" ? { variant: value["variant"] } : {}),
    ...(typeof value["os.version"] === "string" && value["os.version"] !== "" ? { "os.version": value["os.version"] } : {}),
    ...(Array.isArray(features) && features.every((item) => typeof item === "string") ? { "os.features": features } : {}),
  };
}
