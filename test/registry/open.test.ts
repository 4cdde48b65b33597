import { strict as assert } from "node:assert";
import { mkdir, mkdtemp, realpath, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { parseRepository } from "../../provider/image/reference.js";
import { openRepositories } from "../../provider/registry/open.js";

it("all spellings of a repository have the same key", async (t) => {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "dhi-keys-")));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, "images"));
  await symlink("images", join(folder, "link"));
  const repositories = openRepositories({ projectDirectory: folder, env: {} });
  const keyOf = (text: string): string => repositories.key(parseRepository(text));
  for (const same of ["oci:./images", "oci:a/../images", "oci:link", `oci:${folder}/images`])
    assert.equal(keyOf(same), keyOf("oci:images"), same);
  for (const same of ["index.docker.io/library/x", "docker.io/x", "x"])
    assert.equal(keyOf(same), keyOf("registry-1.docker.io/library/x"), same);
  assert.equal(keyOf("ghcr.io:443/a"), keyOf("GHCR.io/a"));
  for (const other of ["oci:image", "ghcr.io/a", "ghcr.io:5000/a"]) assert.notEqual(keyOf(other), keyOf("oci:images"), other);
  assert.notEqual(keyOf("ghcr.io:5000/a"), keyOf("ghcr.io/a"));
});
