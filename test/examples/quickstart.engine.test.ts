import { strict as assert } from "node:assert";
import { cp, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { customizationKind } from "../../provider/resources/customization/customization.js";
import { openProject, packageFolder, publishBase, skipWithoutEngine } from "../support/engine/index.js";
import { openLayout, stackOutputs } from "./example.js";

const architecture = process.arch === "arm64" ? "arm64" : "amd64";

test("the quickstart's program gives both tags and can be run again", { skip: skipWithoutEngine }, async (t) => {
  const project = await openProject("", "dhi-quickstart");
  t.after(() => project.remove());
  for (const path of ["Pulumi.yaml", "examples/quickstart"])
    await cp(join(packageFolder, path), join(project.folder, path), { recursive: true });
  const settings = join(project.folder, ".quickstart", "config");
  await mkdir(settings, { recursive: true });
  await cp(join(project.folder, "Pulumi.dev.yaml"), join(settings, "Pulumi.dev.yaml"));
  const base = await publishBase(openLayout(project, "oci:.quickstart/registry"), "7", { architectures: [architecture] });
  const env = { QUICKSTART_BASE_TAG: "7" };

  const preview = await project.preview({ env });
  assert.equal(preview.code, 0, preview.text);
  const digest = preview.step("greeter").inputs["digest"];
  const up = await project.up({ env });
  assert.equal(up.code, 0, up.text);
  const outputs = await stackOutputs(project);
  assert.deepEqual(outputs["tags"], { "7_greeter": digest, "greeter-latest": digest });
  assert.equal(outputs["base"], `oci:.quickstart/registry@${base}`);
  assert.deepEqual(await openLayout(project, "oci:.quickstart/registry").listTags(), ["7", "7_greeter", "greeter-latest"]);

  const again = await project.up({ env });
  assert.deepEqual(again.ops, { tools: "same", greeter: "same" });
});

test("the quickstart's customization uses every field that there is", async () => {
  const text = await readFile(join(packageFolder, "examples", "quickstart", "index.js"), "utf8");
  const body = text.slice(text.indexOf("new dhi.Customization("));
  const declared = new Set([...body.matchAll(/^ {2}(\w+)[:,]/gm)].map(([, name]) => name));
  const left = [...customizationKind.inputs].filter((name) => !declared.has(name));
  assert.deepEqual(left.sort(), ["destination", "overwrite"]);
});
