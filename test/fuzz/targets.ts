import { signatures } from "./targets-attestation.js";
import { notifications } from "./targets-cli.js";
import { packageTargets } from "./targets-packages.js";
import { policyTargets } from "./targets-policy.js";
import { registryTargets } from "./targets-registry.js";
import { rootfsTargets } from "./targets-rootfs.js";
import { vexTargets } from "./targets-vex.js";
import type { Target } from "./target.js";

export const targets: readonly Target[] = [
  ...rootfsTargets,
  ...packageTargets,
  ...registryTargets,
  ...vexTargets,
  ...policyTargets,
  notifications,
  signatures,
];

export function findTarget(name: string): Target {
  const found = targets.find((target) => target.name === name);
  if (found === undefined) throw new Error(`there is no target ${name}; choose from ${targets.map((target) => target.name).join(", ")}`);
  return found;
}
