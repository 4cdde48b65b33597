import type { RawPath } from "../../rootfs/tree/node.js";
import { keepOfBase as keepForDebian } from "../deb/install/keep.js";
import { keepOfBase as keepForSources } from "./distribution-files.js";

/** Files of an image whose bytes are kept with the index of their layer: the inputs for adding packages, accounts and certificates. */
export function keepOfBase(path: RawPath): boolean {
  return keepForSources(path) || keepForDebian(path);
}
