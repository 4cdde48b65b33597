import { strict as assert } from "node:assert";
import { cp, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { customizationKind } from "../../provider/resources/customization/customization.js";
import { makeKey } from "../support/archives/keys.js";
import { serveArchive } from "../support/archives/serve.js";
import { openProject, packageFolder, skipWithoutEngine } from "../support/engine/index.js";
import { authorityPem } from "../support/packages/pems.js";
import { openLayout, stackOutputs } from "./example.js";
import { quickstartArchive } from "./quickstart-archive.js";

test("the quickstart's program publishes its images from an archive and can be run again", { skip: skipWithoutEngine }, async (t) => {
  const key = await makeKey("quickstart");
  const archive = await serveArchive(await quickstartArchive(key, authorityPem));
  t.after(() => archive.stop());
  const project = await openProject("", "dhi-quickstart");
  t.after(() => project.remove());
  await project.config({ "dhi:packageSources": { "debian:bookworm": [{ url: archive.url, keys: [key.armored] }] } });
  for (const path of ["Pulumi.yaml", "examples/quickstart"])
    await cp(join(packageFolder, path), join(project.folder, path), { recursive: true });
  const settings = join(project.folder, ".quickstart", "config");
  await mkdir(settings, { recursive: true });
  await cp(join(project.folder, "Pulumi.dev.yaml"), join(settings, "Pulumi.dev.yaml"));

  const preview = await project.preview();
  assert.equal(preview.code, 0, preview.text);
  const digest = preview.step("greeter").inputs["digest"];
  const up = await project.up();
  assert.equal(up.code, 0, up.text);
  const outputs = await stackOutputs(project);
  assert.deepEqual(outputs["tags"], { "12_greeter": digest, "greeter-latest": digest });
  assert.deepEqual(outputs["packages"], { curl: "1.0-1", libcurl4: "1.0-1" });
  assert.deepEqual(await openLayout(project, "oci:.quickstart/registry").listTags(), ["12", "12_greeter", "greeter-latest"]);

  archive.requests.splice(0);
  project.emptyCache();
  const again = await project.up();
  assert.deepEqual(again.ops, { base: "same", certs: "same", tools: "same", greeter: "same" });
  assert.deepEqual([...new Set(archive.requests)], ["dists/bookworm/InRelease"]);
});

test("the quickstart's customization uses every field", async () => {
  const text = await readFile(join(packageFolder, "examples", "quickstart", "index.js"), "utf8");
  const body = text.slice(text.indexOf("new dhi.Customization("));
  const declared = new Set([...body.matchAll(/^ {2}(\w+)[:,]/gm)].map(([, name]) => name));
  const left = [...customizationKind.inputs].filter((name) => !declared.has(name));
  // Fields that the wizard does not have: where else to publish, whether to take over a tag, and two for resolving packages.
  assert.deepEqual(left.sort(), ["assumeInstalled", "destination", "overwrite", "packageSources"]);
});
