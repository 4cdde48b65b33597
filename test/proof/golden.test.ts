import { it } from "mocha";
import { HONEST_LAYOUT } from "../../provider/pipeline/compose/layout-version.js";
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
  // Of a base with a label that its content no longer bears out; other images are the same in both.
  2: "sha256:39b5212f69145b9abfcde3d5b040040fcf1c7dfe5e3b1921e136f5180738e76f",
};

for (const [layoutVersion, labels] of [
  [LAYOUT_VERSION, {}],
  [HONEST_LAYOUT, { "com.docker.dhi.compliance": "fips" }],
] as const)
  it(`the same program gives the same digest in every release with layout version ${String(layoutVersion)}`, async () => {
    const place = await makeWorkplace();
    cleanup(place.remove);
    const session = openSession(place);
    const layers = (tars: readonly Buffer[]) => tars.map((tar) => ({ tar, compression: "none" as const }));
    const put = (path: string, tars: readonly Buffer[]): Promise<void> =>
      putImage(
        session.repositories.open({ kind: "layout", path }),
        makeImage({
          platforms: [
            {
              layers: layers(tars),
              config: { Env: ["PATH=/bin"], Cmd: ["sh"], ...(Object.keys(labels).length === 0 ? {} : { Labels: labels }) },
            },
          ],
        }),
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
    expect(digest).to.equal(digests[layoutVersion]);
  });
