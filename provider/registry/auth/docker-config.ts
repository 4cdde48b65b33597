import { z } from "zod";
import { parseJson } from "../../image/json.js";
import { credentialFrom, type Credential } from "./credential.js";
import { canonicalHost } from "../host.js";
import { trimEndOf } from "../../text/trim.js";

const entrySchema = z.object({
  auth: z
    .string()
    .refine((auth) => auth === "" || decodeAuth(auth).includes(":"), "is not base64 of user:password")
    .nullish(),
  username: z.string().nullish(),
  password: z.string().nullish(),
  identitytoken: z.string().nullish(),
  registrytoken: z.string().nullish(),
});
const fileSchema = z.object({
  auths: z.record(z.string(), entrySchema.nullable()).nullish(),
  credHelpers: z.record(z.string(), z.string().nullish()).nullish(),
  credsStore: z.string().nullish(),
});

/** A `config.json` of docker's or an `auth.json` of containers' (containers-auth.json(5)), as far as it concerns credentials. */
export interface DockerConfig {
  /** By `host` or `host/namespace/…`. */
  readonly auths: ReadonlyMap<string, Credential>;
  /** Helper by host. */
  readonly helpers: ReadonlyMap<string, string>;
  readonly store: string | undefined;
}

/** Throws `DhiError` "invalid", which names `where` and never quotes the content. */
export function parseDockerConfig(text: string, where: string): DockerConfig {
  // An empty file counts as an empty config; some editors write a byte order mark.
  const content = text.replace(/^\ufeff/, "").trim();
  const { auths, credHelpers, credsStore } = parseJson(content === "" ? "{}" : content, fileSchema, where);
  const entries = Object.entries(auths ?? {}).flatMap(([key, entry]): [string, Credential][] => {
    const credential = entry === null ? undefined : credentialOf(entry);
    return credential === undefined ? [] : [[canonicalKey(key), credential]];
  });
  return {
    auths: new Map(entries),
    helpers: new Map(
      Object.entries(credHelpers ?? {}).flatMap(([key, helper]): [string, string][] =>
        isSet(helper) ? [[canonicalKey(key), helper]] : [],
      ),
    ),
    store: isSet(credsStore) ? credsStore : undefined,
  };
}

/** The most specific entry for a repository: its own, that of a namespace above it, or that of its host. */
export function findEntry<T>(entries: ReadonlyMap<string, T>, host: string, name: string): T | undefined {
  const parts = [host, ...name.split("/")];
  for (let length = parts.length; length > 0; length -= 1) {
    const found = entries.get(parts.slice(0, length).join("/"));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Keys are hosts, `host/namespace`, or URLs of old versions: `https://index.docker.io/v1/`. */
function canonicalKey(key: string): string {
  const bare = key.replace(/^https?:\/\//, "").replace(/\/(?:v[12]\/?)?$/, "");
  const slash = bare.indexOf("/");
  return slash < 0 ? canonicalHost(bare) : `${canonicalHost(bare.slice(0, slash))}${bare.slice(slash)}`;
}

function credentialOf(entry: z.infer<typeof entrySchema>): Credential | undefined {
  if (isSet(entry.registrytoken)) return { kind: "bearer", token: entry.registrytoken };
  if (isSet(entry.identitytoken)) return { kind: "identity", token: entry.identitytoken };
  if (isSet(entry.auth)) {
    const decoded = decodeAuth(entry.auth);
    const colon = decoded.indexOf(":");
    // Docker sometimes pads the value with NUL bytes.
    return credentialFrom(decoded.slice(0, colon), trimEndOf(decoded.slice(colon + 1), "\0"));
  }
  return isSet(entry.username) && typeof entry.password === "string" ? credentialFrom(entry.username, entry.password) : undefined;
}

function decodeAuth(auth: string): string {
  return Buffer.from(auth, "base64").toString("utf8");
}

function isSet(text: string | null | undefined): text is string {
  return typeof text === "string" && text !== "";
}
