import { join } from "node:path";
import { describe, it } from "mocha";
import { expect } from "../../support/expectations.js";
import { runBundle } from "../../support/images/container.js";
import { missingPrograms } from "../../support/images/programs.js";
import { stopAfter, unpackWithUmoci } from "../../support/images/unpackers.js";
import { note } from "../../support/running-test.js";
import { publish } from "../../support/session/publish.js";
import { makeWorkplace, openSession } from "../../support/session/session.js";
import { putDebian } from "../../proof/debian.js";
import { suiteUnless } from "../../support/skips.js";
import { runInRoot } from "./root.js";

const tar = process.env["DHI_TEST_BASE"];
const programs = missingPrograms(["skopeo", "umoci", "runc", "unshare"], true);
const isLong = process.env["DHI_LONG"] !== undefined;
const reason = tar === undefined ? "DHI_TEST_BASE names no root filesystem" : isLong ? false : "it takes long: npm run test:long";
const skip = programs === false ? reason : programs;

describe(
  "a Java runtime added to a Debian base",
  suiteUnless(skip, () => {
    it("runs by its alternative, and dpkg reports no problems", async () => {
      const stop = stopAfter();
      const place = await makeWorkplace();
      stop(place.remove);
      const session = openSession(place);
      await putDebian(session, { kind: "layout", path: "./debian" }, tar ?? "", { "12": { Cmd: ["bash"] } });
      const packages = ["openjdk-17-jre-headless"];
      const { lines } = await publish(session, "customization", { repository: "oci:./debian", version: "12", suffix: "java", packages });
      note(lines.join("\n"));
      const bundle = await unpackWithUmoci(place.folder, `oci:${place.folder}/debian:12_java`, "java");
      expect(await runBundle(bundle, ["sh", "-c", "java -version 2>&1"])).to.match(/^openjdk version "17\./);
      const root = join(bundle, "rootfs");
      expect(await runInRoot(root, "update-alternatives --query java")).to.match(
        /^Value: \/usr\/lib\/jvm\/java-17-openjdk-amd64\/bin\/java$/m,
      );
      expect(await runInRoot(root, "dpkg --audit; dpkg --verify")).to.equal("");
    });
  }),
);
