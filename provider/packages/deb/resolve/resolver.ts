import { DhiError } from "../../../errors.js";
import { isDigest } from "../../../image/digest.js";
import { chainNames } from "../../chain.js";
import { resolveHeld } from "../../held-versions.js";
import { resolveOrHint } from "../../upgrade-hint.js";
import type { AddedPackage, PackageRequest, PackageResolution } from "../../packages.js";
import { payloadUrl } from "../archive/archive-url.js";
import { gatherCandidates, type Archive, type Candidates } from "./candidates.js";
import { fieldOf } from "../formats/control.js";
import { compareDebianVersions } from "../formats/version.js";
import { explainDeadEnd } from "./explain.js";
import { readPins, readRequests } from "./requests.js";
import { noticeKeptBack, noticeRecommends, noticeTools, noticeUpgrades } from "./notices.js";
import { orderPackages } from "./order.js";
import type { DebianPackage } from "./package.js";
import { chainOf, rootOf, type Chosen } from "./reason.js";
import { search } from "./search.js";
import { Selection } from "./selection.js";
import { upgradeInstalled } from "./upgrade.js";

export interface ResolveOptions {
  /** As `readInstalled` gives them; none for an image from scratch. */
  readonly installed: readonly DebianPackage[];
  /** In the order of the sources; a version is fetched from the first that has it. */
  readonly archives: readonly Archive[];
  /** `amd64`, `arm64`. */
  readonly architecture: string;
  readonly requests: readonly PackageRequest[];
  /** The only version that each of these names may be added in. */
  readonly held?: Readonly<Record<string, string>> | undefined;
  /** Also upgrade packages of the base that have a newer version: `all`, or only those that are `held`. Default: only what must be. */
  readonly upgrade?: "all" | "held" | undefined;
  /** Names whose dependencies count as met. */
  readonly assumeInstalled?: readonly string[];
  /** Packages to try before giving up. Default 100,000. */
  readonly maxTries?: number;
}

/**
 * What `apt-get install --no-install-recommends` would add, as a pure function of package indexes and the base. Nothing is ever removed
 * or downgraded, and a package of the base is upgraded only where a dependency or `name=version` needs it, unless `upgrade` is set: that
 * is `apt-get upgrade --with-new-pkgs` before it.
 * From scratch, only the requested packages and their dependencies are added: Essential and Priority are ignored, so a caller names
 * `base-files` and the like. Throws `DhiError` "not-found" (a name or version), "conflict" (no solution), "limit".
 */
export function resolveDebian(options: ResolveOptions): PackageResolution {
  const { requests, architecture, held = {}, installed, archives } = options;
  const pins = new Map([...Object.entries(held), ...readPins(requests)]);
  const candidates = gatherCandidates({ installed, archives, architecture, pins });
  const versions = (name: string): readonly string[] => candidates.versions(name).map(({ version }) => version);
  return resolveHeld(held, versions, () => resolveOrHint(options, (one) => resolveAmong(candidates, one)));
}

function resolveAmong(candidates: Candidates, options: ResolveOptions): PackageResolution {
  const { requests, assumeInstalled, maxTries = 100_000, upgrade, held = {} } = options;
  const wanted = readRequests(requests, candidates);
  const searching = { candidates, forbidden: wanted.forbidden, assumed: new Set(assumeInstalled), maxTries };
  if (upgrade === "held") requireHeldUpgrades(held, candidates);
  const may = (name: string): boolean => upgrade === "all" || Object.hasOwn(held, name);
  const { chosen: before, keptBack } = upgrade === undefined ? { chosen: [], keptBack: [] } : upgradeInstalled(searching, may);
  const found = search({ ...searching, wanted: wanted.packages, before });
  if (!(found instanceof Selection)) {
    const name = rootOf(found.goal.owner).package.name;
    throw explainDeadEnd(found, candidates, requests.find((request) => request.name === name)?.property);
  }
  const isNew = ({ name }: DebianPackage): boolean => !candidates.installed.has(name);
  return {
    added: order(found, candidates).map((chosen) => describeAdded(chosen, wanted.packages)),
    notices: [
      ...noticeUpgrades(found, candidates.installed, wanted.packages),
      ...noticeKeptBack(
        keptBack.filter(({ installed }) => found.isPresent(installed)),
        candidates,
      ),
      ...noticeTools(found, isNew),
      ...noticeRecommends(wanted.packages, found),
    ],
  };
}

/** Without this, a held upgrade that no archive has any more would be left out silently. */
function requireHeldUpgrades(held: Readonly<Record<string, string>>, candidates: Candidates): void {
  for (const [name, version] of Object.entries(held)) {
    const current = candidates.installed.get(name);
    if (current === undefined || compareDebianVersions(version, current.version) <= 0 || candidates.candidate(name) !== undefined) continue;
    throw new DhiError("not-found", `no archive has ${name} ${version}`, { origin: "packages" });
  }
}

function order(selection: Selection, candidates: Candidates): readonly Chosen[] {
  const chosen = new Map(
    selection.chosen.filter((one) => candidates.installed.get(one.package.name) !== one.package).map((one) => [one.package, one]),
  );
  const meets = (needs: DebianPackage["needs"]): readonly DebianPackage[] =>
    needs.flatMap(({ group }) => selection.whatMeets(group) ?? []).filter((found) => chosen.has(found));
  const ordered = orderPackages([...chosen.keys()], ({ needs }) => ({
    before: meets(needs.filter(({ field }) => field === "Pre-Depends")),
    after: meets(needs.filter(({ field }) => field === "Depends")),
  }));
  return ordered.flatMap((found) => chosen.get(found) ?? []);
}

function describeAdded(chosen: Chosen, wanted: readonly DebianPackage[]): AddedPackage {
  const { name, version, architecture, fields, archive } = chosen.package;
  const path = fieldOf(fields, "Filename");
  const digest = `sha256:${fieldOf(fields, "SHA256")?.toLowerCase() ?? ""}`;
  const size = Number(fieldOf(fields, "Size"));
  if (archive === undefined || path === undefined || !isDigest(digest) || !Number.isSafeInteger(size)) {
    throw new DhiError("invalid", `the package index has no Filename, Size or SHA256 for ${name} ${version}`, { origin: "packages" });
  }
  return {
    name,
    version,
    architecture,
    // An upgrade is not, so that apt's mark of the package stays.
    requested: chosen.owner === undefined && wanted.includes(chosen.package),
    chain: chainNames(chainOf(chosen)),
    payload: { url: payloadUrl(archive.source, path), checksum: digest, size, source: archive.source },
    stanza: archive.stanza,
  };
}
