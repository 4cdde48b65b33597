import { cp, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";

import { it } from "mocha";
import { parseAllDocuments } from "yaml";
import { parseRepository } from "../../provider/image/reference.js";
import { openRepositories } from "../../provider/registry/open.js";
import { packageFolder, publishBase, skipWithoutEngine } from "../support/engine/index.js";
import { expect, expectThat } from "../support/expectations.js";
import { runProgram } from "../support/images/programs.js";
import { startDockerRegistry } from "../support/registries/index.js";
import { cleanup } from "../support/running-test.js";
import { testUnless } from "../support/skips.js";
import { openBareProject, packTarball, pulumiVersion } from "./installed.js";

interface StackManifest {
  readonly kind: string;
  readonly spec: {
    readonly branch: string;
    readonly shallow: boolean;
    readonly refresh: boolean;
    readonly continueResyncOnCommitMatch: boolean;
    readonly envRefs: Readonly<Record<string, unknown>>;
  };
}

it(
  "the manifest for the Pulumi Kubernetes Operator: what its workspace runs clones, installs, publishes, and publishes what moved at the same commit",
  testUnless(skipWithoutEngine, async () => {
    const text = await readFile(join(packageFolder, "examples", "operator", "stack.yaml"), "utf8");
    const manifests = parseAllDocuments(text).map((document) => document.toJS() as StackManifest);
    const manifest = manifests.find(({ kind }) => kind === "Stack");
    expectThat(manifest !== undefined);
    const { branch, shallow, refresh, continueResyncOnCommitMatch, envRefs } = manifest.spec;
    expect(Object.keys(envRefs)).to.have.members(["PULUMI_CONFIG_PASSPHRASE", "DOCKER_CONFIG", "XDG_CACHE_HOME"]);
    expect(continueResyncOnCommitMatch).to.equal(true);

    const registry = await startDockerRegistry({ auth: "basic" });
    cleanup(() => registry.stop());
    const { host, username, password } = registry;
    const tarball = await packTarball();
    cleanup(() => tarball.remove());
    const project = await openBareProject();
    cleanup(() => project.remove());
    const repositories = openRepositories({
      projectDirectory: "/",
      registries: { [host]: { username, password } },
      env: { HOME: "/nonexistent" },
    });
    const images = repositories.open(parseRepository(`${host}/acme/base`));
    await publishBase(images, "3.13", { release: "one" });

    const root = dirname(project.folder);
    const dependencies = { "@pulumi/pulumi": await pulumiVersion(), "pulumi-dhi": `file:${tarball.file}` };
    await project.write("package.json", JSON.stringify({ name: "images", private: true, dependencies }));
    await project.program(
      `new dhi.Customization("image", { repository: "${host}/acme/base", version: "3.13", suffix: "acme", cmd: ["x"] });`,
    );
    const git = (folder: string, ...args: readonly string[]): Promise<unknown> =>
      runProgram("git", ["-c", "user.name=test", "-c", "user.email=test@example.com", ...args], { cwd: folder });
    await git(project.folder, "init", "--quiet", "--initial-branch", branch);
    await git(project.folder, "add", "--all");
    await git(project.folder, "commit", "--quiet", "--message", "images");
    await cp(project.folder, join(root, "source"), { recursive: true });
    await rm(project.folder, { recursive: true });

    await git(
      root,
      "clone",
      "--quiet",
      ...(shallow ? ["--depth=1"] : []),
      "--branch",
      branch,
      `file://${join(root, "source")}`,
      project.folder,
    );
    const login = Buffer.from(`${username}:${password}`).toString("base64");
    await project.write("../registry/config.json", JSON.stringify({ auths: { [host]: { auth: login } } }));
    const env = { DOCKER_CONFIG: join(root, "registry"), XDG_CACHE_HOME: join(root, "kept-cache") };
    // npm has the settings of this machine.
    const { PATH: _, ...machine } = process.env;
    const install = await project.pulumi(["install"], { ...machine, ...env });
    expect(install.code, install.text).to.equal(0);
    const resync = async (): Promise<string | undefined> => {
      const up = await project.up({ env, flags: refresh ? ["--refresh"] : [] });
      expect(up.code, up.text).to.equal(0);
      return (await images.headManifest("3.13_acme"))?.digest;
    };
    const first = await resync();
    expectThat(first !== undefined);
    expect(await resync()).to.equal(first);
    await publishBase(images, "3.13", { release: "two" });
    const second = await resync();
    expect(second).to.not.equal(first);
    expect(project.state().resources.map(({ outputs }) => outputs["digest"])).to.include(second);
  }),
);
