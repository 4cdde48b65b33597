import { mkdir, mkdtemp, realpath, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "mocha";
import { parseRepository } from "../../provider/image/reference.js";
import { openRepositories } from "../../provider/registry/open.js";
import { expect } from "../support/expectations.js";
import { cleanup } from "../support/running-test.js";

it("all spellings of a repository have the same key", async () => {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "dhi-keys-")));
  cleanup(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, "images"));
  await symlink("images", join(folder, "link"));
  const repositories = openRepositories({ projectDirectory: folder, env: {} });
  const keyOf = (text: string): string => repositories.key(parseRepository(text));
  for (const same of ["oci:./images", "oci:a/../images", "oci:link", `oci:${folder}/images`])
    expect(keyOf(same), same).to.equal(keyOf("oci:images"));
  for (const same of ["index.docker.io/library/x", "docker.io/x", "x"])
    expect(keyOf(same), same).to.equal(keyOf("registry-1.docker.io/library/x"));
  expect(keyOf("ghcr.io:443/a")).to.equal(keyOf("GHCR.io/a"));
  for (const other of ["oci:image", "ghcr.io/a", "ghcr.io:5000/a"]) expect(keyOf(other), other).to.not.equal(keyOf("oci:images"));
  expect(keyOf("ghcr.io:5000/a")).to.not.equal(keyOf("ghcr.io/a"));
});
