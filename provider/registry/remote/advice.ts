import { DhiError } from "../../errors.js";
import { refusalOf } from "../../http/request.js";

export interface Refused {
  readonly host: string;
  /** Whether no credentials were found for the registry. */
  readonly anonymous: boolean;
  /** Whether a manifest was to be put under a name. */
  readonly tagged: boolean;
}

/** A refusal with the way out that fits: to log in helps only who is not logged in, or whose login is not taken. */
export function advise(thrown: unknown, { host, anonymous, tagged }: Refused): unknown {
  if (!(thrown instanceof DhiError)) return thrown;
  const refusal = refusalOf(thrown);
  const status = refusal?.status;
  // Registries say it with 400, 403, 409 and 412, and in their own words.
  if (tagged && status !== 401 && /immutab|overwrit|already exist/i.test(refusal?.message ?? ""))
    return thrown.within({ hint: `${host} does not let a tag be changed: publish under another one, or allow it there` });
  if (thrown.code !== "unauthorized") return thrown;
  if (status === 403 && !anonymous)
    return thrown.within({ hint: `${host} takes the login, and does not allow it this: see what it may do there` });
  return thrown.within({ hint: `Log in to ${host} (docker login), or set its credentials in dhi:registries` });
}
