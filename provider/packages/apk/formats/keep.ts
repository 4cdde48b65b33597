import type { RawPath } from "../../../rootfs/tree/node.js";

/** What is read of a package when it is installed: its files below /etc, which are protected, and what effects are made from: scripts edit settings. */
export function keepOfPackage(path: RawPath): boolean {
  return patterns.some((pattern) => pattern.test(path));
}

const patterns = [/^etc\//, /\.conf$/, /^usr\/(?:local\/)?share\/ca-certificates\/.*\.crt$/];
