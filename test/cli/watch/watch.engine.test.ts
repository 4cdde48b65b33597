import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, describe, it } from "mocha";
import { openStage, publishBase, skipWithoutEngine, type Stage } from "../../support/engine/index.js";
import { expect } from "../../support/expectations.js";
import { freePort } from "../../support/registries/process.js";
import { note } from "../../support/running-test.js";
import { suiteUnless } from "../../support/skips.js";
import { SECRET, startWatch } from "./running-watch.js";

describe(
  "pulumi-dhi watch, with the notifications of a registry",
  suiteUnless(skipWithoutEngine, () => {
    let stage: Stage;
    let port: number;
    const publish = (release: string) =>
      publishBase(stage.registry.open("acme/base"), "3.13", { release, architectures: ["amd64", "arm64"] });
    const published = () => stage.registry.digestOf("acme/base", "3.13_custom");
    const runs = (log: string): number => log.split(": up, because ").length - 1;
    beforeEach(async () => {
      port = await freePort();
      const headers = { Authorization: [`Bearer ${SECRET}`] };
      stage = await openStage({ notify: { url: `http://127.0.0.1:${port}/webhook`, headers } });
      await stage.declare({
        python: { repository: stage.at("base"), version: "3.13", suffix: "custom", cmd: ["x"] },
        // Any tag of the base's repository may lie in its range, its own and the other's too.
        ranged: { repository: stage.at("base"), version: { range: "~3.13" }, suffix: "ranged", cmd: ["y"] },
      });
    });
    afterEach(() => stage.close());

    it("publishes again when the base is patched, and only then", async () => {
      const watch = await startWatch(stage.project, port, ["--no-poll"]);
      await watch.until("up, because watch starts");
      await watch.until("up succeeded");
      const first = await published();
      expect(first).to.not.equal(undefined);
      await publishBase(stage.registry.open("acme/other"), "3.13");
      // The registry sends again, after a second, what it could not send before watch was there.
      await watch.idle(4000);
      const runsBefore = runs(watch.log());
      const before = performance.now();
      await publish("2");
      await watch.until("up, because acme/base:3.13 was pushed");
      let now = first;
      for (let tries = 0; tries < 6000 && now === first; tries += 1) {
        await delay(50);
        now = await published();
      }
      note(`${((performance.now() - before) / 1000).toFixed(1)} s from the push of the base to the published image, debounce 1 s`);
      expect(now).to.not.equal(first);
      await watch.until("up succeeded");
      // Its own pushes come in within a second, if they were to cause a run.
      await watch.idle(4000);
      expect(runs(watch.log()), watch.log()).to.equal(runsBefore + 1);
      const metrics = await watch.metrics();
      expect(metrics).to.match(/runs_total\{stack="dev",result="changed"\} 2\n/);
      expect(metrics).to.match(/notifications_total\{result="ignored"\} [1-9]/);
      expect(metrics).to.match(/notifications_total\{result="unauthorized"\} 0\n/);
      expect(watch.log()).to.not.include(SECRET);
      watch.signal("SIGTERM");
      expect(await watch.ended(), watch.log()).to.equal(0);
    });

    it("polls, lets the run that goes on end at the first signal, and starts no other", async () => {
      const watch = await startWatch(stage.project, port, ["--poll", "1s"]);
      await watch.until("up succeeded");
      await watch.until("up, because it is time to look");
      await watch.until("nothing has changed");
      const first = await published();
      await publish("2");
      await watch.until("up, because ");
      watch.signal("SIGTERM");
      await watch.until("SIGTERM: stopping as soon as nothing runs");
      expect(await watch.ended(), watch.log()).to.equal(0);
      const [, rest = ""] = watch.log().split("SIGTERM: stopping");
      expect(rest).to.include("up succeeded");
      expect(rest).to.not.include("up, because");
      expect(rest).to.match(/ stopped\n$/);
      expect(await published()).to.not.equal(undefined);
      expect(first).to.not.equal(undefined);
      const { code, text } = await stage.project.preview();
      expect(code, text).to.equal(0);
    });

    it("tells a program of a failure, and tries again later", async () => {
      const file = join(stage.project.folder, "told.txt");
      await stage.project.write("tell", `#!/bin/sh\n{ cat; env | grep ^PULUMI_DHI_; } > '${file}'\n`, 0o755);
      await stage.declare({ python: { repository: stage.at("base"), version: "3.99", suffix: "custom" } });
      const watch = await startWatch(stage.project, port, ["--no-poll", "--on-failure", join(stage.project.folder, "tell")]);
      await watch.until("has no tag 3.99");
      await watch.until("up failed");
      await watch.until("tell ended with 0");
      const told = await readFile(file, "utf8");
      expect(told).to.match(/^pulumi up of the stack dev failed:\n[\s\S]*has no tag 3\.99/);
      expect(told).to.match(/^PULUMI_DHI_STACK=dev$/m);
      expect(told).to.match(/^PULUMI_DHI_FAILURES=1$/m);
      expect(told).to.not.include(SECRET);
      await stage.declare({ python: { repository: stage.at("base"), version: "3.13", suffix: "custom" } });
      await watch.until("up, because the run before failed");
      await watch.until("up succeeded");
      expect(await watch.metrics()).to.match(/_failures\{stack="dev"\} 0\n/);
      watch.signal("SIGINT");
      expect(await watch.ended(), watch.log()).to.equal(0);
    });

    it("interrupts what runs at the second signal", async () => {
      await stage.project.program("setTimeout(() => undefined, 600_000);\n");
      const watch = await startWatch(stage.project, port);
      await watch.until("up, because watch starts");
      // The program runs when the engine has printed something; before that a signal ends the CLI at once.
      await delay(3000);
      watch.signal("SIGTERM");
      await watch.until("SIGTERM: stopping");
      watch.signal("SIGTERM");
      expect(await watch.ended(), watch.log()).to.equal(0);
      expect(watch.log()).to.include("up was cancelled");
    });
  }),
);
