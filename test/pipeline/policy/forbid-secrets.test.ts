import { describe, it } from "mocha";
import { judgeSecrets, MAX_SEARCHED, MAX_SEARCHED_TOTAL } from "../../../provider/pipeline/policy/forbid-secrets.js";
import type { PlatformFacts } from "../../../provider/pipeline/policy/platform-facts.js";
import type { FileNode } from "../../../provider/rootfs/tree/node.js";
import { expect } from "../../support/expectations.js";
import { file } from "../plan/planning.js";
import { config, factsOf } from "./platform.js";

const token = `ghp_${"b".repeat(36)}`;
const found = async (facts: PlatformFacts, total?: number): Promise<readonly string[]> =>
  (await judgeSecrets(facts, undefined, total)).map(({ message }) => message);

/** A file of a layer: its bytes are read, in chunks. */
const stored = (text: string): FileNode => {
  const { content, ...node } = file(text);
  return { ...node, content: { from: "layer", digest: content?.digest ?? "sha256:", size: text.length, blob: "sha256:", extents: [] } };
};
const reading = (...texts: readonly string[]): { readonly read: PlatformFacts["read"]; readonly opened: () => number } => {
  let at = 0;
  return {
    opened: () => at,

    read: async function* () {
      const text = texts[at++] ?? "";
      for (let from = 0; from < text.length; from += 1000) yield Buffer.from(text.slice(from, from + 1000));
    },
  };
};

describe("forbidSecrets", () => {
  it("searches files and scripts, and never shows what it finds", async () => {
    const facts = factsOf({}, { "opt/a": file(`key ${token}`), "opt/b": file("nothing"), "opt/c": file(token) });
    const messages = await found(facts);
    expect(messages).to.deep.equal(["secrets are added: a GitHub token in /opt/a, a GitHub token in /opt/c"]);
    expect(messages.join()).to.not.include("bbbb");
  });

  it("leaves out the base's own files, and those of packages", async () => {
    expect(await found(factsOf({ "opt/a": file(token) }, { "opt/a": file(token, { mode: 0o600 }) }))).to.deep.equal([]);
    expect(await found(factsOf({}, { "opt/a": file(token) }, { from: "packages" }))).to.deep.equal([]);
  });

  it("searches what the config and the annotations add to those of the base", async () => {
    const before = config({ Env: [`OLD=${token}`], Cmd: ["run", token], Labels: { old: token } });
    const execution = { ...before.execution, Env: [`OLD=${token}`, `NEW=${token}`, `AWS_SECRET_ACCESS_KEY=${"b".repeat(40)}`] };
    const after = config({ ...execution, Entrypoint: ["/x", `--token=${token}`], Labels: { old: token, "a.b": token } });
    const ownAnnotations = { note: token };
    expect(await found(factsOf({}, {}, { before, after, ownAnnotations }))).to.deep.equal([
      [
        "secrets are added: a GitHub token in environment.NEW",
        "an AWS secret key in environment.AWS_SECRET_ACCESS_KEY",
        "a GitHub token in entrypoint",
        'a GitHub token in labels["a.b"]',
        "a GitHub token in annotations.note",
      ].join(", "),
    ]);
  });

  it("reads each content once, and of a large file only its start", async () => {
    const large = `${token}${"x".repeat(MAX_SEARCHED)}`;
    const late = `${" ".repeat(MAX_SEARCHED - token.length)}${token}`;
    const beyond = `${" ".repeat(MAX_SEARCHED)}${token}`;
    const { read, opened } = reading(large, late, beyond);
    const added = { "opt/a": stored(large), "opt/b": stored(large), "opt/c": stored(late), "opt/d": stored(beyond) };
    expect(await found(factsOf({}, added, { read }))).to.deep.equal([
      "secrets are added: a GitHub token in /opt/a, a GitHub token in /opt/b, a GitHub token in /opt/c",
    ]);
    expect(opened()).to.equal(3);
  });

  it("refuses more bytes than are searched", async () => {
    const added = { "opt/a": file("x".repeat(1000)), "opt/b": file("y".repeat(1000)) };
    expect(await found(factsOf({}, added), 2000)).to.deep.equal([]);
    const [message] = await judgeSecrets(factsOf({}, added), undefined, 1999);
    expect(message?.message).to.match(/^the files that are added have more than 0\.\d+ MiB to search for secrets$/);
    expect(MAX_SEARCHED_TOTAL).to.be.above(MAX_SEARCHED);
  });

  it("stops when the operation is cancelled", async () => {
    const cancelled = AbortSignal.abort();
    await expect(judgeSecrets(factsOf({}, { "opt/a": file("x") }), cancelled)).to.be.rejectedWithError({ code: "cancelled" });
  });
});
