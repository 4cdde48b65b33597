import { DhiError } from "../../errors.js";
import type { FileTree } from "../../rootfs/tree/file-tree.js";
import { familyId, readOsRelease } from "./os-release.js";
import type { Distribution } from "../packages.js";

/** Debian's releases by major version, including announced ones. */
const debianReleases: Readonly<Record<string, string>> = {
  "10": "buster",
  "11": "bullseye",
  "12": "bookworm",
  "13": "trixie",
  "14": "forky",
  "15": "duke",
};

/** Codenames that Debian's suites start with. */
export const debianCodenames: ReadonlySet<string> = new Set([...Object.values(debianReleases), "sid"]);

const ways = "Write debian:bookworm, debian:trixie or alpine:3.19";

/** `debian:bookworm`, `debian:12`, `alpine:3.19`, `alpine:edge`. Throws `DhiError` "invalid". */
export function parseDistribution(text: string, property = "distribution"): Distribution {
  const fail = (why: string, hint = ways): DhiError => new DhiError("invalid", `"${text}" ${why}`, { origin: "inputs", property, hint });
  const [, family, release] = /^([a-z]+):([A-Za-z0-9.]+)$/.exec(text) ?? [];
  if (family === undefined || release === undefined) throw fail("is not a distribution");
  if (family === "debian") {
    const codename = debianReleases[release] ?? (release === "unstable" ? "sid" : release);
    if (debianCodenames.has(codename)) return { family, release: codename };
    if (/^(?:old)*stable$|^testing$/.test(release)) throw fail("moves from release to release", "Name the release, as in debian:bookworm");
    if (/^\d+\.\d+$/.test(release)) throw fail("is a point release, which archives do not keep", "Name the release, as in debian:bookworm");
    throw fail("is not a known release of Debian");
  }
  if (family === "alpine") {
    const branch = /^v?(3\.\d{1,3})(?:\.\d+)?$/.exec(release)?.[1] ?? (release === "edge" ? "edge" : undefined);
    if (branch === undefined) throw fail("is not a release of Alpine", "Name the branch, as in alpine:3.19 or alpine:edge");
    return { family, release: branch };
  }
  throw fail(`is not supported: packages can be added only from Debian and Alpine`);
}

/** `debian:bookworm`: the form of the `distribution` input and of the keys of `dhi:packageSources`. */
export function formatDistribution({ family, release }: Distribution): string {
  return `${family}:${release}`;
}

/**
 * The distribution of a base, from its `os-release` (os-release(5): `/etc` first) and its package database. The tree's layers must
 * have been indexed with `keepOfBase`. Throws `DhiError` "invalid" with origin "base" for a base that packages cannot be added to.
 */
export function detectDistribution(tree: FileTree): Distribution {
  const found = readOsRelease(tree);
  if (found === undefined) throw unusable("the base has no os-release file, so its distribution is unknown", tree);
  const { file, fields } = found;
  const id = familyId(fields);
  const name = fields.get("PRETTY_NAME") ?? (id === "" ? "nothing" : id);
  if (id === "debian") return debian(tree, fields, name);
  if (id === "alpine") return alpine(tree, fields, name);
  throw unusable(`the base's ${file} says "${name}", a distribution to which packages cannot be added`, tree);
}

function debian(tree: FileTree, fields: ReadonlyMap<string, string>, name: string): Distribution {
  const major = (fields.get("VERSION_ID") ?? "").split(".", 1)[0] ?? "";
  // Testing and unstable have the codename of the release that they will become, without a number.
  const codename = fields.get("VERSION_CODENAME") ?? debianReleases[major];
  if (codename === undefined || !debianCodenames.has(codename)) throw unusable(`the base is "${name}", an unknown release of Debian`, tree);
  const status = tree.follow("var/lib/dpkg/status");
  const isEmpty = status === undefined || tree.get(status)?.content?.size === 0;
  if (isEmpty && tree.list("var/lib/dpkg/status.d").length === 0) {
    throw unusable(`the base is "${name}" but has no package database (/var/lib/dpkg/status or status.d)`, tree);
  }
  return { family: "debian", release: codename };
}

function alpine(tree: FileTree, fields: ReadonlyMap<string, string>, name: string): Distribution {
  const version = fields.get("VERSION_ID") ?? "";
  // Edge has the version that it will become with a date suffix (3.20_alpha20240329).
  const branch = /_(?:alpha|git)/.test(version) ? "edge" : /^(3\.\d+)(?:\.\d+)?/.exec(version)?.[1];
  if (branch === undefined) throw unusable(`the base is "${name}", an unknown branch of Alpine`, tree);
  if (["lib/apk/db/installed", "usr/lib/apk/db/installed"].every((path) => tree.follow(path) === undefined)) {
    throw unusable(`the base is "${name}" but has no package database (/lib/apk/db/installed)`, tree);
  }
  return { family: "alpine", release: branch };
}

function unusable(what: string, tree: FileTree): DhiError {
  const rpm = ["var/lib/rpm", "usr/lib/sysimage/rpm"].some((path) => tree.list(path).length > 0);
  return new DhiError("invalid", rpm ? `${what}: it has rpm packages` : what, {
    origin: "base",
    hint: "Use a Debian or Alpine base, or add files with artifacts instead of packages",
  });
}
