import type { InventoryPackage } from "../inventory.js";

/** How a package got into the image, for people who read a document. */
export function describeOrigin({ origin, replaces, type }: InventoryPackage): string {
  const database = type === "deb" ? "dpkg's" : "apk's";
  if (origin === "base") return `unchanged from the base, as ${database} database in it lists it`;
  return origin === "upgraded"
    ? `upgraded by the customization: the base has ${replaces ?? "another version"}`
    : "added by the customization";
}
