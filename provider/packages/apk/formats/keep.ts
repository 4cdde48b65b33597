import type { RawPath } from "../../../rootfs/tree/node.js";

/**
 * Files of a package whose bytes are read: those below /etc, which are protected; the inputs of effects, as scripts edit settings; and what
 * the image then says it is.
 */
export function keepOfPackage(path: RawPath): boolean {
  return patterns.some((pattern) => pattern.test(path));
}

const patterns = [/^etc\//, /^usr\/lib\/os-release$/, /\.conf$/, /^usr\/(?:local\/)?share\/ca-certificates\/.*\.crt$/];
