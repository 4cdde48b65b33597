import { DhiError } from "../../provider/errors.js";
import { formatRepository, isRepositoryName, parseRepository, type Repository } from "../../provider/image/reference.js";
import type { Repositories } from "../../provider/registry/repository.js";

/** Where to look: one repository, or those of a registry whose names start with `prefix`. */
export type Place = { readonly repository: Repository } | { readonly host: string; readonly prefix: string };

/** `registry/name`, `oci:path`, `registry` for all its repositories, or `registry/namespace/` for those below it. Throws `DhiError` "invalid". */
export function parsePlace(text: string): Place {
  if (text.startsWith("oci:")) return { repository: parseRepository(text) };
  const slash = text.indexOf("/");
  const host = slash < 0 ? text : text.slice(0, slash);
  const rest = slash < 0 ? "" : text.slice(slash + 1);
  const isWhole = slash < 0 ? /[.:]|^localhost$/.test(text) : rest === "" || rest.endsWith("/");
  if (!isWhole) return { repository: parseRepository(text) };
  // Checks host and namespace like the name of a repository below them.
  const checked = parseRepository(`${host}/${rest}x`);
  if (checked.kind !== "registry" || checked.host !== host.toLowerCase())
    throw new DhiError("invalid", `"${text}" does not start with the host of a registry`, {
      hint: "Write registry.example.com/namespace/",
    });
  return { host: checked.host, prefix: rest };
}

export function formatPlace(place: Place): string {
  return "repository" in place ? formatRepository(place.repository) : `${place.host}/${place.prefix}`;
}

/** Throws `DhiError` where a registry does not list its repositories. */
export async function expandPlace(repositories: Repositories, place: Place): Promise<readonly Repository[]> {
  if ("repository" in place) return [place.repository];
  const { host, prefix } = place;
  const names = await repositories.listRepositories(host).catch((thrown: unknown) => {
    throw withoutCatalog(thrown);
  });
  // What is not a valid name cannot be asked for.
  return names.filter((name) => name.startsWith(prefix) && isRepositoryName(name)).map((name) => ({ kind: "registry", host, name }));
}

function withoutCatalog(thrown: unknown): unknown {
  if (!(thrown instanceof DhiError) || (thrown.code !== "not-found" && thrown.code !== "unauthorized")) return thrown;
  const login = thrown.hint === undefined ? "" : `, or: ${thrown.hint}`;
  return new DhiError(thrown.code, thrown.message, { hint: `Name each repository with --in${login}`, cause: thrown });
}
