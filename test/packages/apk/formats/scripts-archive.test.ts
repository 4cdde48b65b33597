import { describe, it } from "mocha";
import { archiveScript, formatScripts, parseScripts, scriptKinds } from "../../../../provider/packages/apk/formats/scripts-archive.js";
import { formatTriggers, parseTriggers, triggeredBy } from "../../../../provider/packages/apk/install/triggers.js";
import { InstalledState } from "../../../../provider/packages/apk/install/installed-state.js";
import { expect, expectThat } from "../../../support/expectations.js";
import { testUnless } from "../../../support/skips.js";
import { readArchive } from "../../../support/tar/read.js";
import { withoutAlpine } from "../install/alpine-root.js";
import { architectures, filesOfAlpine } from "../install/installed-files.js";

const [scriptsPath, triggersPath] = ["lib/apk/db/scripts.tar", "lib/apk/db/triggers"];

describe("apk's archive of maintainer scripts", () => {
  for (const architecture of architectures)
    it(
      `what apk wrote for ${architecture} is written again byte for byte, also from the scripts alone`,
      testUnless(withoutAlpine, () => {
        const bytes = Buffer.from(filesOfAlpine(architecture, [scriptsPath])[scriptsPath] ?? "", "latin1");
        const scripts = parseScripts(bytes);
        expect(scripts.length).to.equal(7);
        expect(formatScripts(scripts)).to.deep.equal(bytes);
        const again = readArchive(bytes).map(({ entry, data }) => {
          const [, name = "", version = "", checksum = "", kind = ""] = /^(.*)-([^-]*-r\d+)\.(Q1[^.]*)\.(.*)$/.exec(entry.path) ?? [];
          const built = "node" in entry ? entry.node.mtime : 0;
          const known = scriptKinds.find((one) => one === kind);
          expectThat(known !== undefined);
          return archiveScript({ name, version, checksum, built }, known, Buffer.from(data, "latin1"));
        });
        expect(formatScripts(again)).to.deep.equal(bytes);
      }),
    );

  it("a name that is longer than tar's field is read back, by tar too", () => {
    const owner = { name: "n".repeat(90), version: "1-r0", checksum: "Q1RWLMZH10kdz0zUmHb2dljdFhLlQ=", built: 7 };
    const script = archiveScript(owner, "post-install", Buffer.from("#!/bin/sh\n"));
    const bytes = formatScripts([script]);
    expect(parseScripts(bytes)).to.deep.equal([script]);
    expect(readArchive(bytes).map(({ entry }) => entry.path)).to.deep.equal([`${owner.name}-1-r0.${owner.checksum}.post-install`]);
  });

  it("is rejected if it is damaged, and has no scripts if it does not exist", () => {
    expect(parseScripts(Buffer.alloc(0))).to.deep.equal([]);
    expect(() => parseScripts(Buffer.alloc(512, "x"))).to.throwError({ code: "invalid" });
    const { blocks } = archiveScript({ name: "a", version: "1", checksum: "Q1", built: 0 }, "trigger", Buffer.alloc(600));
    expect(() => parseScripts(blocks.subarray(0, 1024))).to.throwError({ code: "invalid" });
  });
});

describe("apk's triggers", () => {
  for (const architecture of architectures)
    it(
      `what apk wrote for ${architecture} is written again byte for byte`,
      testUnless(withoutAlpine, () => {
        const text = filesOfAlpine(architecture, [triggersPath])[triggersPath] ?? "";
        expect(text).to.not.equal("");
        expect(formatTriggers(parseTriggers(text))).to.equal(text);
      }),
    );

  it("watch directories of packages, by patterns that do not cross slashes", () => {
    const directories = ["", "usr", "usr/bin", "lib/modules/6.1", "lib/modules/6.1/kernel"].map((path) => ({
      path,
      attributes: undefined,
      files: [],
    }));
    const state = new InstalledState([{ name: "a", version: "1", checksum: "Q1a", head: "", directories }]);
    const trigger = { checksum: "Q1t", patterns: ["/lib/modules/*", "/usr/bin", "/usr/[ab]in", "+/usr"] };
    expect(triggeredBy(trigger, state, "all")).to.deep.equal(["/lib/modules/6.1", "/usr/bin"]);
    expect(triggeredBy(trigger, state, new Set(["usr/bin", "usr"]))).to.deep.equal(["/usr/bin"]);
  });
});
