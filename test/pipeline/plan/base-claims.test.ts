import { it } from "mocha";
import { findBrokenClaims } from "../../../provider/pipeline/plan/base-claims.js";
import { expect } from "../../support/expectations.js";
import { file, treeOf } from "./planning.js";

const base = treeOf({ "usr/bin/busybox": file("x"), "usr/bin/apk": file("x") });
const broken = (names: readonly string[], paths: readonly string[], removed: readonly string[] = []): readonly string[] => {
  const tree = base.fork();
  for (const path of removed) tree.remove(path);
  const added = paths.map((path) => ({ path, node: file("y") }));
  for (const { path, node } of added) {
    tree.makeParents(path);
    tree.set(path, node);
  }
  const entries = [...added, ...removed.map((path) => ({ path: path.replace(/([^/]+)$/, ".wh.$1"), node: file("") }))];
  return [
    ...findBrokenClaims(
      names.map((name) => `com.docker.dhi.${name}`),
      { base, tree, layers: entries.length === 0 ? [] : [{ entries }] },
    ),
  ];
};

const results = ["compliance", "fips", "stig", "stig.profile", "cis-level", "tests", "vulnerabilities", "scan.date"];
const descriptions = ["chain-id", "created", "date.end-of-life", "definition", "distro", "entitlement", "flavor", "name", "title", "url"];

it("claims about the content are broken by any layer, and by nothing else", () => {
  expect(broken(results, ["opt/x"])).to.deep.equal(results.map((name) => `com.docker.dhi.${name}`));
  expect(broken(results, [])).to.deep.equal([]);
  expect(broken([...descriptions, "variant", "version", "complianceless", "fipsy"], ["opt/x"])).to.deep.equal([]);
});

it("claims about shells and package managers are broken where one comes in or goes", () => {
  const names = ["shell", "package-manager"];
  expect(broken(names, ["opt/bash", "usr/bin/tool", "usr/share/sh"])).to.deep.equal([]);
  expect(broken(names, ["bin/bash"])).to.deep.equal(["com.docker.dhi.shell"]);
  expect(broken(names, ["opt/venv/bin/pip3.13"])).to.deep.equal(["com.docker.dhi.package-manager"]);
  // The base's own in another version.
  expect(broken(names, ["usr/bin/busybox", "usr/bin/apk"])).to.deep.equal([]);
  expect(broken(names, [], ["usr/bin/busybox"])).to.deep.equal(["com.docker.dhi.shell"]);
});
