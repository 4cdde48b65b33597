import { DhiError } from "../../errors.js";
import { holdSecret } from "../../text/redaction.js";
import type { SigningLibrary } from "./signing-library.js";

/** Where a CI that has no service for it puts the token, such as GitLab's `id_tokens`; cosign reads it too. */
const TOKEN_VARIABLE = "SIGSTORE_ID_TOKEN";
/** For whom the token is made. */
const AUDIENCE = "sigstore";

/** The token by which a CI says who it is. Throws `DhiError` "unauthorized" where there is none. */
export async function readIdentity(
  { CIContextProvider }: Pick<SigningLibrary, "CIContextProvider">,
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const given = env[TOKEN_VARIABLE];
  const token = given === undefined || given === "" ? await askCi(() => new CIContextProvider(AUDIENCE).getToken()) : given;
  // The library repeats a token that is not one.
  holdSecret(token);
  if (/^[\w-]+\.[\w-]+\.[\w-]*$/.test(token)) return token;
  throw new DhiError("unauthorized", "the identity token is not a JSON Web Token", { hint: `See what ${TOKEN_VARIABLE} is set to` });
}

async function askCi(ask: () => Promise<string>): Promise<string> {
  try {
    return await ask();
  } catch {
    throw new DhiError("unauthorized", "this process has no identity to sign with", {
      hint: `In GitHub Actions, give the job the permission id-token: write; elsewhere set ${TOKEN_VARIABLE} to a token for the audience "${AUDIENCE}"`,
    });
  }
}
