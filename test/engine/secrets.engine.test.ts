import { readFileSync } from "node:fs";
import { after, before, describe, it } from "mocha";
import { openStage, skipWithoutEngine, type Run, type Stage } from "../support/engine/index.js";
import { expect } from "../support/expectations.js";
import { suiteUnless } from "../support/skips.js";

/** Part of every secret value. */
const marker = "xyzzy";

const inputs = `
  artifacts: [{ image: tools.ref, includes: [s("/opt/xyzzy-include")], excludes: [s("/opt/xyzzy-exclude")] }],
  scripts: [{ path: s("/opt/xyzzy-script"), content: s("first line of it\\nxyzzy-content\\n"), uid: 0, gid: 0, mode: "0755" }, s({ path: "/opt/whole-xyzzy", content: "xyzzy", uid: 0, gid: 0, mode: "0755" })],
  files: [{ path: s("/opt/xyzzy-file"), source: s("xyzzy-source.txt") }],
  directories: [{ path: s("/opt/xyzzy-folder") }],
  entrypoint: ["--plain", s("--xyzzy-entrypoint")], cmd: { mode: "replace", args: s(["xyzzy-cmd"]) },
  users: [s({ name: "xyzzyuser", uid: 1001, home: "/home/xyzzy" })], groups: [{ name: s("xyzzygroup"), gid: 1002, members: [s("xyzzyuser")] }],
  runAs: s("xyzzyuser"), workingDirectory: s("/opt/xyzzy-folder"),
  environment: { PLAIN: "1", TOKEN: s("xyzzy-token"), BOTH: pulumi.interpolate\`a \${s("xyzzy-part")}\` },
  labels: s({ "xyzzy-label": "xyzzy-value" }), annotations: { a: s("xyzzy-annotation") },
`;

const program = (host: string, more: string): string => `
  const s = pulumi.secret;
  const at = "${host}/acme/";
  const tools = new dhi.OciArtifact("tools", { repository: at + "tools", tag: "1",
    directories: [{ path: s("/opt/xyzzy-include") }, { path: "/opt/xyz" }], environment: s({ XYZ: "xyzzy-artifact" }) });
  const base = { repository: at + "base", version: "3.13", platforms: ["linux/amd64"] };
  ${more}
`;

const published = `
  const all = new dhi.Customization("all", { ...base, suffix: "all", ${inputs} });
  const env = new dhi.Customization("env", { ...base, suffix: "env", environment: s({ NAME: "xyzzy-environment" }), labels: s(Promise.resolve({ b: "xyzzy-promise" })) });
  for (const key of ["ref", "digest", "tags", "platformDigests", "resolution", "reasons", "notices", "asBase", "base", "config", "layers"]) exports[key] = all[key];
`;

/** Mistakes: a resource with a secret, and what the message must still say. */
const mistakes: Readonly<Record<string, readonly [args: string, says: RegExp]>> = {
  "a suffix": ['suffix: s("xyzzy")', /suffix: is a secret, but it is part of an image's name/],
  "an additional tag": ['suffix: "a", additionalTags: [s("xyzzy")]', /additionalTags.*: is a secret/],
  "a script's path": [
    'suffix: "a", scripts: [{ path: s("xyzzy/relative"), content: s("xyzzy"), uid: 0, gid: 0, mode: "0755" }]',
    /scripts\[0\]\.path: .*is not absolute/,
  ],
  "a missing file": ['suffix: "a", files: [{ path: "/opt/a", source: s("xyzzy-missing.txt") }]', /files\[0\]\.source: /],
  "an unknown user": ['suffix: "a", runAs: s("xyzzyghost")', /runAs: /],
  "a user's name": ['suffix: "a", users: [{ name: s("xyzzy bad name"), uid: 1 }]', /users\[0\]\.name: /],
  "a variable's value": ['suffix: "a", environment: { A: s("xyzzy\\u0000") }', /environment\.A: contains a NUL/],
  "an include": ['suffix: "a", artifacts: [{ image: tools.ref, includes: [s("/xyzzy/nothing")] }]', /artifacts\[0\]\.includes\[0\]: /],
  "an artifact": [`suffix: "a", artifacts: [{ image: s(at + "xyzzy:1"), includes: ["/"] }]`, /artifacts\[0\]\.image: is a secret/],
  "a working directory": ['suffix: "a", workingDirectory: s("xyzzy/relative")', /workingDirectory: .*is not absolute/],
};

describe(
  "secrets",
  suiteUnless(skipWithoutEngine, () => {
    let stage: Stage;
    before(async () => {
      stage = await openStage();
      await stage.project.write("xyzzy-source.txt", "plain");
    });
    after(() => stage.close());
    const assertHidden = (what: string, ...texts: readonly string[]): void => {
      for (const text of texts) {
        const at = text.indexOf(marker);
        expect(at, `${what}: …${text.slice(Math.max(0, at - 300), at + 100)}…`).to.equal(-1);
      }
    };
    const assertRunHidden = (what: string, run: Run): void =>
      assertHidden(
        what,
        run.text,
        JSON.stringify([run.steps, run.lines]),
        stage.project.state().text,
        readFileSync(stage.project.logFile, "utf8"),
      );

    it("are shown nowhere in preview, up, state, outputs, logs, refresh and destroy", async () => {
      const { project } = stage;
      await project.program(program(stage.registry.host, published));
      const preview = await project.preview({ flags: ["--diff"] });
      expect(preview.code, preview.text).to.equal(0);
      assertRunHidden("preview", preview);
      const up = await project.up({ flags: ["--diff"] });
      expect(up.code, up.text).to.equal(0);
      assertRunHidden("up", up);
      expect(up.row("env").join("\n")).to.match(/environment is a secret, and whoever can pull the image can read it there/);
      assertHidden("export", (await project.pulumi(["stack", "export", "--stack", "dev"])).text);
      assertHidden("outputs", (await project.pulumi(["stack", "output", "--json", "--stack", "dev"])).text);
      const again = await project.up({ flags: ["--expect-no-changes"] });
      expect(again.code, again.text).to.equal(0);
      assertRunHidden("up again", again);
      const refresh = await project.refresh({ flags: ["--diff"] });
      expect(refresh.code, refresh.text).to.equal(0);
      assertRunHidden("refresh", refresh);
      await stage.registry.open("acme/base").deleteTag("3.13_all");
      assertRunHidden("refresh of drift", await project.refresh({ flags: ["--diff"] }));
      assertRunHidden("preview of drift", await project.preview({ flags: ["--diff"] }));
      const repaired = await project.up({ flags: ["--diff"] });
      expect(repaired.code, repaired.text).to.equal(0);
      assertRunHidden("repair", repaired);
    });

    it("are shown nowhere when a push fails half way", async () => {
      const { project } = stage;
      const changed = published.replace('PLAIN: "1"', 'PLAIN: "2"').replace('suffix: "all"', 'suffix: "all", additionalTags: ["more"]');
      await project.program(program(stage.registry.host, changed));
      stage.registry.fail(({ method, url }) =>
        method === "PUT" && url.endsWith("/more") ? { kind: "status", status: 403, body: "no more tags" } : undefined,
      );
      const failed = await project.up({ flags: ["--diff"] });
      stage.registry.fail();
      expect(failed.code, failed.text).to.not.equal(0);
      assertRunHidden("failed up", failed);
      const up = await project.up({ flags: ["--diff"] });
      expect(up.code, up.text).to.equal(0);
      assertRunHidden("next up", up);
    });

    it("are shown only once they are no longer secret", async () => {
      const { project } = stage;
      await project.program(program(stage.registry.host, published.replaceAll("env.", "")));
      const shown = await project.pulumi(["stack", "output", "--json", "--show-secrets", "--stack", "dev"]);
      // Derived values are in the output, behind the option that shows secrets.
      expect(shown.text, shown.text).to.include("xyzzy");
      const destroy = await project.destroy({ flags: ["--diff"] });
      expect(destroy.code, destroy.text).to.equal(0);
      assertRunHidden("destroy", destroy);
    });

    it("are shown in no failure, and all failures are reported at once", async () => {
      const { project } = stage;
      const resources = Object.values(mistakes).map(([args], at) => `new dhi.Customization("bad-${String(at)}", { ...base, ${args} });`);
      // Deferred, every failure is a line on its own row; otherwise the first one ends the program.
      await project.config({ "dhi:deferFailures": "true" });
      await project.program(program(stage.registry.host, resources.join("\n").replaceAll('suffix: "a"', 'suffix: "a" + Math.random()')));
      const preview = await project.preview({ flags: ["--diff"] });
      assertRunHidden("deferred failures", preview);
      for (const [at, [what, [, says]]] of Object.entries(mistakes).entries())
        expect(preview.row(`bad-${String(at)}`).join("\n"), what).to.match(says);
      const up = await project.up({ flags: ["--continue-on-error", "--diff"] });
      expect(up.code).to.not.equal(0);
      assertRunHidden("thrown failures", up);
      await project.config({});
      const refused = await project.preview({ flags: ["--diff"] });
      expect(refused.code).to.not.equal(0);
      assertRunHidden("refused", refused);
    });
  }),
);
