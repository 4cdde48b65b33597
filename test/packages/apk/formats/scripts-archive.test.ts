import { strict as assert } from "node:assert";
import { describe, test } from "node:test";
import { archiveScript, formatScripts, parseScripts, scriptKinds } from "../../../../provider/packages/apk/formats/scripts-archive.js";
import { formatTriggers, parseTriggers, triggeredBy } from "../../../../provider/packages/apk/install/triggers.js";
import { InstalledState } from "../../../../provider/packages/apk/install/installed-state.js";
import { readArchive } from "../../../support/tar/read.js";
import { withoutAlpine } from "../install/alpine-root.js";
import { architectures, filesOfAlpine } from "../install/installed-files.js";

const [scriptsPath, triggersPath] = ["lib/apk/db/scripts.tar", "lib/apk/db/triggers"];

describe("apk's archive of maintainer scripts", () => {
  for (const architecture of architectures)
    test(`what apk wrote for ${architecture} is written again byte for byte, also from the scripts alone`, { skip: withoutAlpine }, () => {
      const bytes = Buffer.from(filesOfAlpine(architecture, [scriptsPath])[scriptsPath] ?? "", "latin1");
      const scripts = parseScripts(bytes);
      assert.equal(scripts.length, 7);
      assert.deepEqual(formatScripts(scripts), bytes);
      const again = readArchive(bytes).map(({ entry, data }) => {
        const [, name = "", version = "", checksum = "", kind = ""] = /^(.*)-([^-]*-r\d+)\.(Q1[^.]*)\.(.*)$/.exec(entry.path) ?? [];
        const built = "node" in entry ? entry.node.mtime : 0;
        const known = scriptKinds.find((one) => one === kind);
        assert(known !== undefined);
        return archiveScript({ name, version, checksum, built }, known, Buffer.from(data, "latin1"));
      });
      assert.deepEqual(formatScripts(again), bytes);
    });

  test("a name that is longer than tar's field is read back, by tar too", () => {
    const owner = { name: "n".repeat(90), version: "1-r0", checksum: "Q1RWLMZH10kdz0zUmHb2dljdFhLlQ=", built: 7 };
    const script = archiveScript(owner, "post-install", Buffer.from("#!/bin/sh\n"));
    const bytes = formatScripts([script]);
    assert.deepEqual(parseScripts(bytes), [script]);
    assert.deepEqual(
      readArchive(bytes).map(({ entry }) => entry.path),
      [`${owner.name}-1-r0.${owner.checksum}.post-install`],
    );
  });

  test("is rejected if it is damaged, and has no scripts if it does not exist", () => {
    assert.deepEqual(parseScripts(Buffer.alloc(0)), []);
    assert.throws(() => parseScripts(Buffer.alloc(512, "x")), { code: "invalid" });
    const { blocks } = archiveScript({ name: "a", version: "1", checksum: "Q1", built: 0 }, "trigger", Buffer.alloc(600));
    assert.throws(() => parseScripts(blocks.subarray(0, 1024)), { code: "invalid" });
  });
});

describe("apk's triggers", () => {
  for (const architecture of architectures)
    test(`what apk wrote for ${architecture} is written again byte for byte`, { skip: withoutAlpine }, () => {
      const text = filesOfAlpine(architecture, [triggersPath])[triggersPath] ?? "";
      assert.notEqual(text, "");
      assert.equal(formatTriggers(parseTriggers(text)), text);
    });

  test("watch directories of packages, by patterns that do not cross slashes", () => {
    const directories = ["", "usr", "usr/bin", "lib/modules/6.1", "lib/modules/6.1/kernel"].map((path) => ({
      path,
      attributes: undefined,
      files: [],
    }));
    const state = new InstalledState([{ name: "a", version: "1", checksum: "Q1a", head: "", directories }]);
    const trigger = { checksum: "Q1t", patterns: ["/lib/modules/*", "/usr/bin", "/usr/[ab]in", "+/usr"] };
    assert.deepEqual(triggeredBy(trigger, state, "all"), ["/lib/modules/6.1", "/usr/bin"]);
    assert.deepEqual(triggeredBy(trigger, state, new Set(["usr/bin", "usr"])), ["/usr/bin"]);
  });
});
