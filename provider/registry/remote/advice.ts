import { DhiError } from "../../errors.js";
import { refusalOf } from "../../http/request.js";

export interface Refused {
  readonly host: string;
  /** Whether no credentials were found for the registry. */
  readonly anonymous: boolean;
  /** Whether a manifest was to be put under a tag. */
  readonly tagged: boolean;
}

/** Adds the hint that fits an error response: logging in helps only without a login, or when the login is not accepted. */
export function advise(thrown: unknown, { host, anonymous, tagged }: Refused): unknown {
  if (!(thrown instanceof DhiError)) return thrown;
  const refusal = refusalOf(thrown);
  const status = refusal?.status;
  // Registries report an immutable tag with 400, 403, 409 or 412, each in its own words.
  if (tagged && status !== 401 && /immutab|overwrit|already exist/i.test(refusal?.message ?? ""))
    return thrown.within({
      hint: `${host} does not allow changing this tag: publish under another tag, set immutableTags: true on a Customization, or allow it in the registry's settings`,
    });
  if (thrown.code !== "unauthorized") return thrown;
  if (status === 403 && !anonymous)
    return thrown.within({ hint: `${host} accepts the login but denies it this action: check its permissions there` });
  return thrown.within({ hint: `Log in to ${host} (docker login), or set its credentials in dhi:registries` });
}
