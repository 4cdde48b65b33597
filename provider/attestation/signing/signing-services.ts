import { DhiError } from "../../errors.js";

export const PUBLIC_FULCIO = "https://fulcio.sigstore.dev";
export const PUBLIC_REKOR = "https://rekor.sigstore.dev";

/** Services of one's own, as declared; what is left out is the public Sigstore's. */
export interface DeclaredServices {
  readonly fulcioUrl?: string | undefined;
  readonly rekorUrl?: string | undefined;
  readonly tsaUrl?: string | undefined;
}

/** The services that a signature is made with. */
export interface SigningServices {
  readonly fulcio: string;
  /** The transparency log. */
  readonly rekor?: { readonly url: string; readonly majorApiVersion: number } | undefined;
  readonly tsa?: string | undefined;
}

/** `config`: what a signing config names, in place of the declared. Throws `DhiError` "invalid" where nothing would tell when the signature was made. */
export function servicesOf({ fulcioUrl, rekorUrl, tsaUrl }: DeclaredServices, config: SigningServices | undefined): SigningServices {
  if (config !== undefined) return requireTime(config);
  // What a company signs by its own authority does not go into a public log unless it says so.
  const rekor = rekorUrl ?? (fulcioUrl === undefined ? PUBLIC_REKOR : undefined);
  return requireTime({
    fulcio: fulcioUrl ?? PUBLIC_FULCIO,
    rekor: rekor === undefined ? undefined : { url: rekor, majorApiVersion: 1 },
    tsa: tsaUrl,
  });
}

/** A certificate lives ten minutes, so a signature without a time cannot be verified later. Rekor v2 has none of its own. */
function requireTime(services: SigningServices): SigningServices {
  if (services.tsa !== undefined || services.rekor?.majorApiVersion === 1) return services;
  const why =
    services.rekor === undefined ? "neither a log nor a timestamp authority" : "Rekor v2, which has no time, and no timestamp authority";
  throw new DhiError("invalid", `has ${why}`, { hint: "Set tsaUrl, or rekorUrl of a Rekor v1, or name them in the signingConfig" });
}
