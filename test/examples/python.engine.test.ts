import { strict as assert } from "node:assert";
import { mkdir, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { publishBase, skipWithoutEngine } from "../support/engine/index.js";
import { runProgram } from "../support/images/programs.js";
import { findProgram } from "../support/registries/index.js";
import { copyExample, openExample, openLayout, stackOutputs } from "./example.js";

const skip = skipWithoutEngine || (findProgram("skopeo") === undefined ? "skopeo is not installed" : false);

test("the documentation's Python image is published as previewed, and another stack deploys it", { skip }, async (t) => {
  const project = await openExample("python");
  t.after(() => project.remove());
  await publishBase(openLayout(project, "oci:mirror"), "3.13", { architectures: ["amd64", "arm64"] });
  const settings = { "dhi-example-python:repository": "oci:mirror", "dhi-example-python:certificates": "oci:certificates" };
  await project.config(settings);

  const preview = await project.preview();
  assert.equal(preview.code, 0, preview.text);
  const digest = preview.step("python").inputs["digest"];
  const up = await project.up();
  assert.equal(up.code, 0, up.text);
  assert.deepEqual(up.ops, { certificates: "create", python: "create" });
  assert.deepEqual(await stackOutputs(project), {
    ref: `oci:mirror@${String(digest)}`,
    tags: { "3.13_custom": digest },
    notices: [],
  });

  const arm = ["--override-os", "linux", "--override-arch", "arm64"];
  const inspected = await runProgram("skopeo", [...arm, "inspect", "--config", `oci:${join(project.folder, "mirror")}:3.13_custom`]);
  const { architecture, config } = JSON.parse(inspected) as { architecture: string; config: Record<string, unknown> };
  assert.equal(architecture, "arm64");
  assert.deepEqual(config, {
    User: "1001",
    Env: ["PATH=/usr/bin", "PYTHONUNBUFFERED=1"],
    Entrypoint: ["/usr/bin/app"],
    Cmd: ["--base", "-m", "http.server"],
    Labels: { from: "base", "org.opencontainers.image.vendor": "Acme" },
  });

  const again = await project.up();
  assert.deepEqual(again.ops, { certificates: "same", python: "same" });

  // The stack that deploys is another project on the same backend.
  const deploy = join(dirname(project.folder), "deploy");
  await copyExample("deploy", deploy);
  await mkdir(join(deploy, "node_modules"));
  await symlink(join(project.folder, "node_modules", "@pulumi"), join(deploy, "node_modules", "@pulumi"));
  const commands = [
    ["stack", "init", "dev"],
    ["config", "set", "images", "organization/dhi-example-python/dev"],
    ["up", "--yes", "--skip-preview"],
  ];
  for (const command of commands) {
    const { code, text } = await project.pulumi(["-C", deploy, ...command]);
    assert.equal(code, 0, text);
  }
  const { deployment } = await stackOutputs(project, ["-C", deploy]);
  const manifest = JSON.parse(String(deployment)) as {
    kind: string;
    spec: { template: { spec: { containers: { image: string }[] } } };
  };
  assert.equal(manifest.kind, "Deployment");
  assert.equal(manifest.spec.template.spec.containers[0]?.image, `oci:mirror@${String(digest)}`);

  const destroyed = await project.destroy();
  assert.equal(destroyed.code, 0, destroyed.text);
  assert.deepEqual(await openLayout(project, "oci:mirror").listTags(), ["3.13"]);
});
