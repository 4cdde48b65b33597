import type { RecordedPackage } from "../../packages/recorded-package.js";
import type { FileTree } from "../../rootfs/tree/file-tree.js";
import type { NamePattern } from "../spec/policy.js";
import { listed } from "./listed.js";
import type { Violation } from "./violation.js";

const rpm = ["var/lib/rpm", "usr/lib/sysimage/rpm"];

/** A rule about packages cannot be kept where their database cannot be read. */
export function judgeReadable(tree: FileTree, rule: "deniedPackages" | "deniedLicenses"): readonly Violation[] {
  if (rpm.every((path) => tree.list(path).length === 0)) return [];
  const hint = `Use a Debian or Alpine base, or remove ${rule}`;
  return [{ rule, message: "the image has packages of rpm, whose database is not read", hint }];
}

/** Packages of the finished image whose names are on the list. */
export function judgePackages(packages: readonly RecordedPackage[], denied: readonly NamePattern[]): readonly Violation[] {
  const found = packages.filter(({ name }) => denied.some(({ matches }) => matches(name))).map(({ name, version }) => `${name} ${version}`);
  if (found.length === 0) return [];
  const hint = "Leave out what brings them, or use a base without them";
  return [{ rule: "deniedPackages", message: `the image has denied packages: ${listed([...new Set(found)])}`, hint }];
}
