import type { JsonObject } from "../../../provider/image/json.js";
import { expectThat } from "../../support/expectations.js";

interface Relationship {
  readonly spdxElementId: string;
  readonly relationshipType: string;
  readonly relatedSpdxElement: string;
}
type Element = JsonObject & { readonly SPDXID: string; readonly name: string };

const packagesIn = (document: JsonObject): readonly Element[] => document["packages"] as readonly Element[];
const relationshipsIn = (document: JsonObject): readonly Relationship[] => document["relationships"] as readonly Relationship[];

/** Ids that SPDX 2.3 does not allow, that are there twice, or that relationships name without an element. */
export function danglingIds(document: JsonObject): readonly string[] {
  const ids = ["SPDXRef-DOCUMENT", ...packagesIn(document).map(({ SPDXID }) => SPDXID)];
  const odd = ids.filter((id, at) => ids.indexOf(id) !== at || !/^SPDXRef-[A-Za-z0-9.-]+$/.test(id));
  const named = relationshipsIn(document).flatMap(({ spdxElementId, relatedSpdxElement }) => [spdxElementId, relatedSpdxElement]);
  return [...odd, ...named.filter((id) => !ids.includes(id))];
}

/** The names of what an element is related to. */
export function relationsOf(document: JsonObject, id: string, type: string): readonly string[] {
  const names = new Map(packagesIn(document).map(({ SPDXID, name }) => [SPDXID, name]));
  return relationshipsIn(document)
    .filter((one) => one.spdxElementId === id && one.relationshipType === type)
    .map(({ relatedSpdxElement }) => names.get(relatedSpdxElement) ?? "?");
}

export function findPackage(document: JsonObject, name: string): Element {
  const found = packagesIn(document).find((one) => one.name === name);
  expectThat(found);
  return found;
}

/** The package URLs of an SPDX document, sorted; without those of images. */
export function purlsIn(document: JsonObject): readonly string[] {
  return packagesIn(document)
    .flatMap(({ externalRefs = [] }) =>
      (externalRefs as readonly { readonly referenceLocator: string }[]).map(({ referenceLocator }) => referenceLocator),
    )
    .filter((purl) => /^pkg:(?:deb|apk)\//.test(purl))
    .sort();
}

/** Name to origin of the components of a CycloneDX document. */
export function originsOf(document: JsonObject): Readonly<Record<string, string>> {
  const components = document["components"] as readonly {
    readonly name: string;
    readonly properties?: readonly { readonly name: string; readonly value: string }[];
  }[];
  return Object.fromEntries(
    components.flatMap(({ name, properties = [] }) =>
      properties.flatMap((one) => (one.name === "pulumi-dhi:origin" ? [[name, one.value]] : [])),
    ),
  );
}
