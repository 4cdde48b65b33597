import { digestOf, hexOf, type Digest } from "../../image/digest.js";
import { compareBytes, type JsonObject } from "../../image/json.js";
import { formatRepository } from "../../image/reference.js";
import type { InventoryPackage, ListedFile, TakenArtifact } from "../inventory.js";
import { basePurl, imagePurl } from "../image-purl.js";
import { packagePurl } from "../purl.js";
import { TOOL, uuidOf, type DescribedImage } from "./described-image.js";
import { isLicenseExpression } from "./license.js";
import { describeOrigin } from "./origin.js";

interface Element extends JsonObject {
  readonly SPDXID: string;
}
type Relationship = readonly [from: string, type: string, to: string];

const DOCUMENT = "SPDXRef-DOCUMENT";
const IMAGE = "SPDXRef-Image";
const BASE = "SPDXRef-Base";
const SYSTEM = "SPDXRef-OperatingSystem";

/**
 * The image as an SPDX 2.3 document. Files are packages of the purpose FILE, since a file of SPDX 2.3 must have a SHA-1. The base contains
 * the packages that are unchanged; the image those that were added or upgraded.
 */
export function spdxDocument(image: DescribedImage): JsonObject {
  const { repository, manifest, created, base, inventory } = image;
  const { platform, system, packages, artifacts, files } = inventory;
  const name = formatRepository(repository);
  const elements: Element[] = [container(IMAGE, name, manifest, imagePurl({ repository, digest: manifest }, platform.split("/")[1]))];
  const relations: Relationship[] = [[DOCUMENT, "DESCRIBES", IMAGE]];
  if (base !== undefined) {
    elements.push(container(BASE, formatRepository(base.repository), base.digest, basePurl(base, platform)));
    relations.push([IMAGE, "DESCENDANT_OF", BASE]);
  }
  if (system !== undefined) {
    elements.push(element(SYSTEM, { name: system.id, versionInfo: system.version, primaryPackagePurpose: "OPERATING-SYSTEM" }));
    relations.push([IMAGE, "CONTAINS", SYSTEM]);
  }
  for (const one of packages) {
    const described = packageElement(one);
    elements.push(described);
    if (system !== undefined) relations.push([SYSTEM, "CONTAINS", described.SPDXID]);
    relations.push([one.origin === "base" && base !== undefined ? BASE : IMAGE, "CONTAINS", described.SPDXID]);
  }
  artifacts.forEach((one, at) => {
    const id = `SPDXRef-Artifact-${String(at)}`;
    elements.push(artifactElement(id, one));
    relations.push([id, "BUILD_DEPENDENCY_OF", IMAGE]);
    for (const file of one.files ?? []) {
      const described = fileElement(id, file);
      elements.push(described);
      relations.push([id, "CONTAINS", described.SPDXID], [IMAGE, "CONTAINS", described.SPDXID]);
    }
  });
  for (const file of files) {
    const described = fileElement("SPDXRef", file);
    elements.push(described);
    relations.push([IMAGE, "CONTAINS", described.SPDXID]);
  }
  const licenses = new Set(packages.flatMap(({ license }) => (license === undefined || isLicenseExpression(license) ? [] : [license])));
  return {
    spdxVersion: "SPDX-2.3",
    dataLicense: "CC0-1.0",
    SPDXID: DOCUMENT,
    name: `${name}@${manifest}`,
    documentNamespace: `urn:uuid:${uuidOf(manifest)}`,
    creationInfo: { created, creators: [`Tool: ${TOOL}`], ...commentOf(unlistedNotes(image)) },
    packages: elements,
    relationships: relations.map(([spdxElementId, relationshipType, relatedSpdxElement]) => ({
      spdxElementId,
      relationshipType,
      relatedSpdxElement,
    })),
    ...(licenses.size === 0 ? {} : { hasExtractedLicensingInfos: [...licenses].sort(compareBytes).map(extractedLicense) }),
  };
}

/** What is not listed, which a document has to say (SPDX 2.3 has no field for it). */
function unlistedNotes({ inventory: { artifacts, unlisted, leftOut } }: DescribedImage): readonly string[] {
  const secret = artifacts.flatMap(({ files, reference }) =>
    files === undefined ? [`the files of ${reference}, whose paths are secret`] : [],
  );
  const more = [unlisted, ...artifacts.map((one) => one.unlisted)].reduce((sum, count) => sum + count, 0);
  const counted = more === 0 ? [] : [`${String(more)} more files`];
  return [...secret, ...leftOut.map((input) => `the files of ${input}, which is secret`), ...counted];
}

function commentOf(notes: readonly string[]): JsonObject {
  return notes.length === 0 ? {} : { comment: `Not listed: ${notes.join("; ")}.` };
}

/** A package of SPDX with the fields that are always the same. */
function element(SPDXID: string, fields: JsonObject): Element {
  const unknown = { downloadLocation: "NOASSERTION", licenseConcluded: "NOASSERTION", licenseDeclared: "NOASSERTION" };
  return { SPDXID, ...unknown, copyrightText: "NOASSERTION", filesAnalyzed: false, ...fields };
}

function container(id: string, name: string, digest: Digest, purl: string): Element {
  const fields = { name, versionInfo: digest, primaryPackagePurpose: "CONTAINER" };
  return element(id, { ...fields, checksums: checksums(digest), externalRefs: externalRefs(purl) });
}

function packageElement(one: InventoryPackage): Element {
  const { name, version, source, license, download } = one;
  const purl = packagePurl(one);
  return element(`SPDXRef-Package-${idPart(name)}-${hexOf(digestOf(purl)).slice(0, 16)}`, {
    name,
    versionInfo: version,
    primaryPackagePurpose: "LIBRARY",
    // The form that trivy reads the source package from.
    sourceInfo: `built package from: ${source?.name ?? name} ${source?.version ?? version}`,
    comment: describeOrigin(one),
    ...(license === undefined ? {} : { licenseDeclared: isLicenseExpression(license) ? license : licenseRef(license) }),
    ...(download?.file === undefined ? {} : { checksums: checksums(download.file) }),
    externalRefs: externalRefs(purl),
  });
}

function artifactElement(id: string, { reference, image }: TakenArtifact): Element {
  return { ...container(id, reference, image.digest, imagePurl(image)), comment: "an image that files were taken from" };
}

function fileElement(prefix: string, { path, digest, kind }: ListedFile): Element {
  const id = `${prefix}-File-${hexOf(digestOf(path)).slice(0, 16)}`;
  const comment = kind === "generated" ? { comment: "generated by the customization" } : {};
  return element(id, { name: path, packageFileName: `.${path}`, primaryPackagePurpose: "FILE", checksums: checksums(digest), ...comment });
}

function checksums(digest: Digest): readonly JsonObject[] {
  return [{ algorithm: "SHA256", checksumValue: hexOf(digest) }];
}

function externalRefs(purl: string): readonly JsonObject[] {
  return [{ referenceCategory: "PACKAGE-MANAGER", referenceType: "purl", referenceLocator: purl }];
}

/** An id has letters, digits, periods and hyphens alone (SPDX 2.3, section 3.2). */
function idPart(name: string): string {
  return name.replace(/[^A-Za-z0-9.-]/g, "-");
}

function licenseRef(text: string): string {
  return `LicenseRef-${hexOf(digestOf(text)).slice(0, 16)}`;
}

function extractedLicense(text: string): JsonObject {
  return { licenseId: licenseRef(text), name: text, extractedText: text };
}
