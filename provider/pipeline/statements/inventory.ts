import { DhiError } from "../../errors.js";
import type { Inventory } from "../../attestation/inventory.js";
import { systemOf } from "../../packages/root/operating-system.js";
import type { PlannedPlatform } from "../compose/planned-platform.js";
import type { ImageSpec } from "../spec/image-spec.js";
import type { Resolution } from "../state/resolution.js";
import { inventoryPackages } from "./inventory-packages.js";
import { placedFiles } from "./placed-files.js";
import type { InputPath } from "./secret-inputs.js";
import { takenArtifacts } from "./taken-artifacts.js";

/** The image that an inventory is taken of. */
export interface InventoryRequest {
  readonly spec: ImageSpec;
  readonly resolution: Resolution;
  /** Of the declared inputs. */
  readonly secrets: readonly InputPath[];
}

/** What the image will hold on one platform. Throws `DhiError` where os-release or a package database cannot be read. */
export function takeInventory(planned: PlannedPlatform, request: InventoryRequest): Inventory {
  try {
    return inventoryOf(planned, request);
  } catch (thrown) {
    if (!(thrown instanceof DhiError)) throw thrown;
    throw new DhiError(thrown.code, `what the image holds on ${planned.platform} cannot be listed for its SBOM: ${thrown.message}`, {
      property: request.spec.inputs.sign === undefined ? undefined : "sign",
      hint: "Take the file that is named from the base or a package",
      cause: thrown,
    });
  }
}

function inventoryOf(planned: PlannedPlatform, { spec, resolution, secrets }: InventoryRequest): Inventory {
  const system = systemOf(planned.plan.tree);
  return {
    platform: planned.platform,
    system: system === undefined ? undefined : { id: system.id, version: system.version },
    packages: inventoryPackages(planned, system),
    artifacts: takenArtifacts(planned.plan, spec.inputs.artifacts ?? [], resolution, secrets),
    ...placedFiles(planned.plan, spec.inputs, secrets),
  };
}
