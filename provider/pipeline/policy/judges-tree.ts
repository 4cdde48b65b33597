import type { ImageConfig } from "../../image/config.js";
import type { Policy } from "../spec/policy.js";
import { hasNamedUser } from "./forbid-root.js";

/** Whether a rule is about the files of the finished image. `before`: of the base. */
export function judgesTree(policy: Policy | undefined, before: ImageConfig): boolean {
  return policy !== undefined && (needsPackages(policy) || (policy.forbidRoot === true && hasNamedUser(before)));
}

/** Whether a rule is about what the package database lists. */
export function needsPackages({ forbidShell, forbidPackageManager, deniedPackages = [], deniedLicenses = [] }: Policy): boolean {
  return forbidShell === true || forbidPackageManager === true || deniedPackages.length > 0 || deniedLicenses.length > 0;
}
