import { holdLogin, holdSecret } from "../../text/redaction.js";

/** Credentials for a registry. An identity token is exchanged for access tokens; a bearer token is used directly. */
export type Credential =
  | { readonly kind: "basic"; readonly username: string; readonly password: string }
  | { readonly kind: "identity"; readonly token: string }
  | { readonly kind: "bearer"; readonly token: string };

/** The user name by which credential helpers and docker config mark the password as an identity token. */
const IDENTITY_USER = "<token>";

export function credentialFrom(username: string, secret: string): Credential {
  return username === IDENTITY_USER ? { kind: "identity", token: secret } : { kind: "basic", username, password: secret };
}

/** Registers the credential for redaction in all texts. */
export function holdCredential(credential: Credential): void {
  if (credential.kind === "basic") holdLogin(credential.username, credential.password);
  else holdSecret(credential.token);
}

export function basicHeader(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`, "utf8").toString("base64")}`;
}
