import { it } from "mocha";
import { LAYOUT_VERSION } from "../../provider/rootfs/layers/key.js";
import { expect } from "../support/expectations.js";
import { makeImage, putImage } from "../support/images/image.js";
import { cleanup } from "../support/running-test.js";
import { publish } from "../support/session/publish.js";
import { makeWorkplace, openSession } from "../support/session/session.js";
import { hardArtifact, hardBase } from "./bases.js";

/**
 * The digests of one image, by layout version. A code change that changes one changes every user's images: it needs another
 * `LAYOUT_VERSION`, its own heading in the changelog, and a new line here.
 */
const digests: Readonly<Record<number, string>> = {
  1: "sha256:d4d551a368580491d8a17b9739d48bd40047c93ea5cc1ebb910c7a3b71f132e5",
};

it("the same program gives the same digest in every release with the same layout version", async () => {
  const place = await makeWorkplace();
  cleanup(place.remove);
  const session = openSession(place);
  const layers = (tars: readonly Buffer[]) => tars.map((tar) => ({ tar, compression: "none" as const }));
  const put = (path: string, tars: readonly Buffer[]): Promise<void> =>
    putImage(
      session.repositories.open({ kind: "layout", path }),
      makeImage({ platforms: [{ layers: layers(tars), config: { Env: ["PATH=/bin"], Cmd: ["sh"] } }] }),
      "1",
    );
  await put("base", hardBase);
  await put("artifact", hardArtifact);
  const { digest } = await publish(session, "customization", {
    repository: "oci:base",
    version: "1",
    suffix: "custom",
    artifacts: [{ image: "oci:artifact:1", includes: ["/usr/lib/tool", "/opt"], excludes: ["**/across"] }],
    scripts: [{ path: "/tmp/script", content: "#!/bin/sh\n", uid: 1, gid: 2, mode: "4755" }],
    directories: [{ path: "/var/lib/app", uid: 1001, mode: "0750" }],
    users: [{ name: "app", uid: 1001, groups: ["www"] }],
    groups: [{ name: "team", gid: 2000, members: ["app"] }],
    runAs: "app",
    entrypoint: ["--verbose"],
    environment: { A: "1", PATH: "/usr/bin" },
    labels: { b: "2" },
    annotations: { c: "3" },
  });
  expect(digest).to.equal(digests[LAYOUT_VERSION]);
});
