import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseRepository } from "../../provider/image/reference.js";
import { openRepositories } from "../../provider/registry/open.js";
import { makeImage, putImage } from "../support/images/image.js";
import { file, layerTar } from "../support/images/layer-tar.js";

/** A Pulumi project with a base in the layout `base`, for one process that serves it. */
export function makeProject(): { readonly folder: string; readonly remove: () => void } {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "dhi-adapter-")));
  writeFileSync(join(folder, "Pulumi.yaml"), "name: adapter\nruntime: nodejs\n");
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

export async function putBase(folder: string): Promise<void> {
  const repositories = openRepositories({ projectDirectory: folder, env: {} });
  const tar = layerTar([file("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n")]);
  await putImage(repositories.open(parseRepository("oci:base")), makeImage({ platforms: [{ layers: [{ tar }] }] }), "1");
}

export const unknownOnWire = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
export const signatureKey = "4dabf18193072939515e22adb298388d";
export const provider = 'exports.handler = () => require("pulumi-dhi/provider").customization;';

/** Inputs as the sdk sends them. */
export function inputsOf(suffix: string, more: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  return {
    __provider: provider,
    __urn: `urn:pulumi:s::p::t::${suffix}`,
    __secrets: "[]",
    repository: "oci:base",
    version: "1",
    suffix,
    ...more,
  };
}
