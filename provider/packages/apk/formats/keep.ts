import type { RawPath } from "../../../rootfs/tree/node.js";

/** Files of a package that installing it reads: those below /etc, which are protected, and the inputs of effects: scripts edit settings. */
export function keepOfPackage(path: RawPath): boolean {
  return patterns.some((pattern) => pattern.test(path));
}

const patterns = [/^etc\//, /\.conf$/, /^usr\/(?:local\/)?share\/ca-certificates\/.*\.crt$/];
