import { strict as assert } from "node:assert";
import { test } from "node:test";
import { publishBase, skipWithoutEngine } from "../support/engine/index.js";
import { openExample, openLayout, stackOutputs } from "./example.js";

test("one baseline applies to many images, and only a missing one fails", { skip: skipWithoutEngine }, async (t) => {
  const project = await openExample("baseline");
  t.after(() => project.remove());
  await publishBase(openLayout(project, "oci:mirror/dhi-python"), "3.13", { release: "python" });
  await publishBase(openLayout(project, "oci:mirror/dhi-node"), "24", { release: "node" });
  const images = [
    { name: "dhi-python", version: "3.13" },
    { name: "dhi-node", version: "24" },
  ];
  const configure = (more: object[] = []): Promise<void> =>
    project.config({
      "dhi-example-baseline:registry": "oci:mirror",
      "dhi-example-baseline:images": [...images, ...more],
      "dhi:deferFailures": true,
    });

  await configure();
  const up = await project.up();
  assert.equal(up.code, 0, up.text);
  const { refs } = (await stackOutputs(project)) as { refs: Record<string, string> };
  for (const { name, version } of images) {
    const tag = await openLayout(project, `oci:mirror/${name}`).headManifest(`${version}_acme`);
    assert.equal(refs[`${name}:${version}`], `oci:mirror/${name}@${tag?.digest ?? ""}`);
  }
  assert.notEqual(refs["dhi-python:3.13"], refs["dhi-node:24"]);
  const environment = (name: string): unknown => up.step(name).inputs["environment"];
  assert.deepEqual(environment("dhi-python-3.13"), { TZ: "UTC", PYTHONUNBUFFERED: "1" });
  assert.deepEqual(environment("dhi-node-24"), { TZ: "UTC" });

  // Besides a change to all, one image that is not mirrored.
  await project.write("files/policy.txt", "Report what you find.\n");
  await configure([{ name: "dhi-nginx", version: "1.28" }]);
  const partly = await project.up({ flags: ["--continue-on-error"] });
  assert.notEqual(partly.code, 0);
  assert.match(partly.text, /dhi-nginx has no tag 1\.28\. Mirror it first/);
  assert.deepEqual(partly.ops, { "dhi-python-3.13": "update", "dhi-node-24": "update", "dhi-nginx-1.28": "create" });
  assert.deepEqual(partly.failed, ["dhi-nginx-1.28"]);
  for (const { name, version } of images) {
    const tag = await openLayout(project, `oci:mirror/${name}`).headManifest(`${version}_acme`);
    assert.notEqual(tag?.digest, refs[`${name}:${version}`]?.split("@")[1]);
  }
});
