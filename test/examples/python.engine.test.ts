import { mkdir, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { it } from "mocha";
import { publishBase, skipWithoutEngine } from "../support/engine/index.js";
import { expect } from "../support/expectations.js";
import { runProgram } from "../support/images/programs.js";
import { findProgram } from "../support/registries/index.js";
import { cleanup } from "../support/running-test.js";
import { testUnless } from "../support/skips.js";
import { copyExample, openExample, openLayout, stackOutputs } from "./example.js";

const skip = skipWithoutEngine || (findProgram("skopeo") === undefined ? "skopeo is not installed" : false);

it(
  "the documentation's Python image is published as previewed, and another stack deploys it",
  testUnless(skip, async () => {
    const project = await openExample("python");
    cleanup(() => project.remove());
    await publishBase(openLayout(project, "oci:mirror"), "3.13", { architectures: ["amd64", "arm64"] });
    const settings = { "dhi-example-python:repository": "oci:mirror", "dhi-example-python:certificates": "oci:certificates" };
    await project.config(settings);

    const preview = await project.preview();
    expect(preview.code, preview.text).to.equal(0);
    const digest = preview.step("python").inputs["digest"];
    const up = await project.up();
    expect(up.code, up.text).to.equal(0);
    expect(up.ops).to.deep.equal({ certificates: "create", python: "create" });
    expect(await stackOutputs(project)).to.deep.equal({
      ref: `oci:mirror@${String(digest)}`,
      tags: { "3.13_custom": digest },
      notices: [],
    });

    const arm = ["--override-os", "linux", "--override-arch", "arm64"];
    const inspected = await runProgram("skopeo", [...arm, "inspect", "--config", `oci:${join(project.folder, "mirror")}:3.13_custom`]);
    const { architecture, config } = JSON.parse(inspected) as { architecture: string; config: Record<string, unknown> };
    expect(architecture).to.equal("arm64");
    expect(config).to.deep.equal({
      User: "1001",
      Env: ["PATH=/usr/bin", "PYTHONUNBUFFERED=1"],
      Entrypoint: ["/usr/bin/app"],
      Cmd: ["--base", "-m", "http.server"],
      Labels: { from: "base", "org.opencontainers.image.vendor": "Acme" },
    });

    const again = await project.up();
    expect(again.ops).to.deep.equal({ certificates: "same", python: "same" });

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
      expect(code, text).to.equal(0);
    }
    const { deployment } = await stackOutputs(project, ["-C", deploy]);
    const manifest = JSON.parse(String(deployment)) as {
      kind: string;
      spec: { template: { spec: { containers: { image: string }[] } } };
    };
    expect(manifest.kind).to.equal("Deployment");
    expect(manifest.spec.template.spec.containers[0]?.image).to.equal(`oci:mirror@${String(digest)}`);

    const destroyed = await project.destroy();
    expect(destroyed.code, destroyed.text).to.equal(0);
    expect(await openLayout(project, "oci:mirror").listTags()).to.deep.equal(["3.13"]);
  }),
);
