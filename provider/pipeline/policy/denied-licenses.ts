import type { RecordedPackage } from "../../packages/recorded-package.js";
import type { Notice } from "../notice.js";
import type { NamePattern } from "../spec/policy.js";
import { findDenied } from "./license-expression.js";
import { listed } from "./listed.js";
import type { Violation } from "./violation.js";

/** Packages of the finished image whose licence is on the list. */
export function judgeLicenses(packages: readonly RecordedPackage[], denied: readonly NamePattern[]): readonly Violation[] {
  const isDenied = (license: string): boolean => denied.some(({ matches }) => matches(license));
  const found = packages.flatMap(({ name, license }) => {
    const one = license === undefined ? undefined : findDenied(license, isDenied);
    return one === undefined ? [] : [`${name} (${one})`];
  });
  if (found.length === 0) return [];
  const hint = "Leave out what brings them, or use a base without them";
  return [{ rule: "deniedLicenses", message: `packages have denied licences: ${listed(found)}`, hint }];
}

/** Says which packages the rule cannot judge: dpkg's database has no licences. */
export function unknownLicenses(packages: readonly RecordedPackage[]): readonly Notice[] {
  const names = packages.filter(({ license }) => license === undefined).map(({ name }) => name);
  if (names.length === 0) return [];
  return [{ kind: "license-unknown", message: `policy.deniedLicenses does not know the licences of ${listed(names)}` }];
}
