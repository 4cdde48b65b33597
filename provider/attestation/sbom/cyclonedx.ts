// By their parts: the whole also loads validators.
import * as Enums from "@cyclonedx/cyclonedx-library/Enums";
import * as Models from "@cyclonedx/cyclonedx-library/Models";
import * as Serialize from "@cyclonedx/cyclonedx-library/Serialize";
import * as Spec from "@cyclonedx/cyclonedx-library/Spec";
import { digestOf, hexOf, type Digest } from "../../image/digest.js";
import { parseObject, type JsonObject } from "../../image/json.js";
import { formatRepository } from "../../image/reference.js";
import type { InventoryPackage, ListedFile } from "../inventory.js";
import { basePurl, imagePurl } from "../image-purl.js";
import { packagePurl } from "../purl.js";
import { TOOL, uuidOf, type DescribedImage } from "./described-image.js";
import { isLicenseExpression } from "./license.js";
import { scannerProperties } from "./scanner-properties.js";

const { Component } = Models;
const { ComponentType, HashAlgorithm } = Enums;
type Component = Models.Component;

/**
 * The image as a CycloneDX 1.6 document. The image depends on its base and on what was added; the base on the packages that are unchanged.
 * Properties say the same of each component: `pulumi-dhi:origin`.
 */
export function cycloneDxDocument(image: DescribedImage): JsonObject {
  const { repository, manifest, created, base, inventory } = image;
  const { platform, system, packages, artifacts, files } = inventory;
  const purl = imagePurl({ repository, digest: manifest }, platform.split("/")[1]);
  const root = container("image", formatRepository(repository), manifest, purl);
  const components: Component[] = [];
  const add = (component: Component, ...users: readonly Component[]): Component => {
    components.push(component);
    for (const user of users) user.dependencies.add(component.bomRef);
    return component;
  };
  const below =
    base === undefined
      ? root
      : add(container("base", formatRepository(base.repository), base.digest, basePurl(base, platform), "base"), root);
  // Scanners take what the system depends on for its packages.
  const os = system && add(new Component(ComponentType.OperatingSystem, system.id, { bomRef: "os", version: system.version }), below);
  for (const one of packages) add(packageComponent(one), one.origin === "base" ? below : root, ...(os === undefined ? [] : [os]));
  artifacts.forEach(({ reference, image: from, files: taken = [] }, at) => {
    const ref = `artifact-${String(at)}`;
    const artifact = add(container(ref, reference, from.digest, imagePurl(from), "artifact"), root);
    for (const file of taken) add(fileComponent(file, ref), artifact);
  });
  for (const file of files) add(fileComponent(file, "image"), root);
  const bom = new Models.Bom({
    serialNumber: `urn:uuid:${uuidOf(digestOf(`cyclonedx ${manifest}`))}`,
    metadata: new Models.Metadata({
      timestamp: new Date(created),
      component: root,
      tools: new Models.Tools({ components: new Models.ComponentRepository([new Component(ComponentType.Application, TOOL)]) }),
      properties: new Models.PropertyRepository(unlisted(image)),
    }),
    components: new Models.ComponentRepository(components),
  });
  const normalizer = new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6);
  return parseObject(Buffer.from(new Serialize.JsonSerializer(normalizer).serialize(bom, { sortLists: true })), "the CycloneDX document");
}

function unlisted({ inventory: { artifacts, unlisted: count, leftOut } }: DescribedImage): readonly Models.Property[] {
  const secret = [...leftOut, ...artifacts.flatMap(({ files, reference }) => (files === undefined ? [reference] : []))];
  const more = artifacts.reduce((sum, one) => sum + one.unlisted, count);
  return [...secret.map((of) => property("secret-files", of)), ...(more === 0 ? [] : [property("unlisted-files", String(more))])];
}

function container(bomRef: string, name: string, digest: Digest, purl: string, origin?: string): Component {
  const properties = new Models.PropertyRepository(origin === undefined ? [] : [property("origin", origin)]);
  return new Component(ComponentType.Container, name, { bomRef, version: digest, hashes: hashes(digest), properties, purl });
}

function packageComponent(one: InventoryPackage): Component {
  const { name, version, license, download, origin, replaces } = one;
  const purl = packagePurl(one);
  const replaced = replaces === undefined ? [] : [property("replaces", replaces)];
  return new Component(ComponentType.Library, name, {
    bomRef: purl,
    purl,
    version,
    licenses: new Models.LicenseRepository(license === undefined ? [] : [licenseOf(license)]),
    ...(download?.file === undefined ? {} : { hashes: hashes(download.file) }),
    properties: new Models.PropertyRepository([property("origin", origin), ...replaced, ...scannerProperties(one)]),
  });
}

function fileComponent({ path, digest, kind }: ListedFile, from: string): Component {
  const properties = new Models.PropertyRepository([property("origin", kind)]);
  return new Component(ComponentType.File, path, { bomRef: `${from}:${path}`, hashes: hashes(digest), properties });
}

function licenseOf(text: string): Models.License {
  return isLicenseExpression(text) ? new Models.LicenseExpression(text) : new Models.NamedLicense(text);
}

function hashes(digest: Digest): Models.HashDictionary {
  return new Models.HashDictionary([[HashAlgorithm["SHA-256"], hexOf(digest)]]);
}

function property(name: string, value: string): Models.Property {
  return new Models.Property(`${TOOL}:${name}`, value);
}
