import { strict as assert } from "node:assert";
import { join } from "node:path";
import { describe, it } from "node:test";
import { runBundle } from "../../support/images/container.js";
import { missingPrograms } from "../../support/images/programs.js";
import { stopAfter, unpackWithUmoci } from "../../support/images/unpackers.js";
import { publish } from "../../support/session/publish.js";
import { makeWorkplace, openSession } from "../../support/session/session.js";
import { putDebian } from "../../proof/debian.js";
import { runInRoot } from "./root.js";

const tar = process.env["DHI_TEST_BASE"];
const programs = missingPrograms(["skopeo", "umoci", "runc", "unshare"], true);
const isLong = process.env["DHI_LONG"] !== undefined;
const reason = tar === undefined ? "DHI_TEST_BASE names no root filesystem" : isLong ? false : "it takes long: npm run test:long";
const skip = programs === false ? reason : programs;

describe("a Java runtime added to a Debian base", { skip }, () => {
  it("runs by its alternative, and dpkg reports no problems", async (t) => {
    const stop = stopAfter(t);
    const place = await makeWorkplace();
    stop(place.remove);
    const session = openSession(place);
    await putDebian(session, { kind: "layout", path: "./debian" }, tar ?? "", { "12": { Cmd: ["bash"] } });
    const packages = ["openjdk-17-jre-headless"];
    const { lines } = await publish(session, "customization", { repository: "oci:./debian", version: "12", suffix: "java", packages });
    t.diagnostic(lines.join("\n"));
    const bundle = await unpackWithUmoci(place.folder, `oci:${place.folder}/debian:12_java`, "java");
    assert.match(await runBundle(bundle, ["sh", "-c", "java -version 2>&1"]), /^openjdk version "17\./);
    const root = join(bundle, "rootfs");
    assert.match(await runInRoot(root, "update-alternatives --query java"), /^Value: \/usr\/lib\/jvm\/java-17-openjdk-amd64\/bin\/java$/m);
    assert.equal(await runInRoot(root, "dpkg --audit; dpkg --verify"), "");
  });
});
