import { describe, it } from "mocha";
import { digestOf } from "../../../provider/image/digest.js";
import { MAX_LISTED_FILES } from "../../../provider/pipeline/statements/listed-files.js";
import { placedFiles } from "../../../provider/pipeline/statements/placed-files.js";
import type { InputPath } from "../../../provider/pipeline/statements/secret-inputs.js";
import { takenArtifacts } from "../../../provider/pipeline/statements/taken-artifacts.js";
import { expect } from "../../support/expectations.js";
import { treeOf } from "../../packages/root/base-tree.js";
import { parseContent, plan } from "../plan/planning.js";

const script = (path: string) => ({ path, content: path, uid: 0, gid: 0, mode: "0755" });

describe("the files that an inventory lists", () => {
  const content = { scripts: [script("/opt/a"), script("/opt/b")], users: [{ name: "app", uid: 1001 }] };
  const placed = (secrets: readonly InputPath[]) => {
    const { files, leftOut } = placedFiles(plan(content), parseContent(content), secrets);
    return { paths: files.map(({ path, kind }) => `${kind} ${path}`), leftOut };
  };
  const generated = ["generated /etc/group", "generated /etc/passwd", "generated /etc/shadow"];

  it("are scripts, and what is generated", () => {
    expect(placed([])).to.deep.equal({ paths: [...generated, "script /opt/a", "script /opt/b"], leftOut: [] });
  });

  for (const [secrets, paths, leftOut] of [
    [[["scripts", 1, "content"]], [...generated, "script /opt/a"], ["scripts[1]"]],
    [[["scripts", 0, "path"]], [...generated, "script /opt/b"], ["scripts[0]"]],
    [[["scripts"]], generated, ["scripts[0]", "scripts[1]"]],
    [[["users", 0, "name"]], ["script /opt/a", "script /opt/b"], ["users"]],
    [[["environment"]], [...generated, "script /opt/a", "script /opt/b"], []],
  ] as const) {
    it(`are not those of secret inputs: ${JSON.stringify(secrets)}`, () => {
      expect(placed(secrets)).to.deep.equal({ paths, leftOut });
    });
  }

  for (const count of [MAX_LISTED_FILES, MAX_LISTED_FILES + 1]) {
    it(`of an artifact with ${String(count)} files are ${String(MAX_LISTED_FILES)}`, () => {
      const tree = treeOf(Object.fromEntries(Array.from({ length: count }, (_, at) => [`opt/${String(at)}`, "x"])));
      const artifacts = [{ image: "ghcr.io/t:1", includes: ["opt"] }];
      const resolution = { layoutVersion: 1, artifacts: { "ghcr.io/t:1": digestOf("t") }, files: {}, packages: {} };
      const planned = plan({ artifacts }, [{ tree }]);
      const [taken] = takenArtifacts(planned, parseContent({ artifacts }).artifacts ?? [], resolution, []);
      expect(taken?.files?.length).to.equal(MAX_LISTED_FILES);
      expect(taken?.unlisted).to.equal(count - MAX_LISTED_FILES);
    });
  }
});
