import { join } from "node:path";
import { describe, it } from "mocha";
import { parseRepository } from "../../../provider/image/reference.js";
import { expect } from "../../support/expectations.js";
import { makeImage, putImage } from "../../support/images/image.js";
import { startDockerRegistry, startProxy } from "../../support/registries/index.js";
import { findProgram } from "../../support/registries/process.js";
import { cleanup } from "../../support/running-test.js";
import { startOperator } from "../../support/session/operation.js";
import { openSession } from "../../support/session/session.js";
import { suiteUnless } from "../../support/skips.js";
import { file } from "../../support/images/layer-tar.js";
import { debianBase, forBoth, PackagesShop } from "./packages-shop.js";

const missing = findProgram("docker-registry") === undefined ? "docker-registry is not installed" : undefined;

/** Milliseconds that every answer is late, so that both processes are surely under way when the first download ends. */
const late = 300;

describe(
  "two processes with one cache",
  suiteUnless(missing, () => {
    it("download each manifest, blob, package and package index once", async () => {
      const shop = await PackagesShop.open();
      cleanup(() => shop.close());
      await shop.stock([...forBoth("tool"), ...forBoth("other")]);
      const registry = await startDockerRegistry();
      const proxy = await startProxy(registry.host, { onRequest: () => ({ kind: "delay", milliseconds: late }) });
      cleanup(registry.stop);
      cleanup(proxy.stop);
      const options = { projectDirectory: shop.shop.folder, cacheDirectory: join(shop.shop.folder, "shared-cache") };
      const base = makeImage(debianBase(undefined, [file("usr/lib/big", "x".repeat(3_000_000))]));
      await putImage(openSession(options).repositories.open(parseRepository(`${registry.host}/base`)), base, "12");
      const up = async (name: string) => {
        const operator = await startOperator(options);
        cleanup(() => void operator.child.kill("SIGKILL"));
        const inputs = {
          repository: `${proxy.host}/base`,
          version: "12",
          suffix: "ours",
          destination: `${proxy.host}/${name}`,
          packages: ["tool", "other"],
          packageSources: [shop.source()],
        };
        return () => operator.run({ kind: "up", resource: "customization", urn: `urn:${name}`, inputs, state: undefined });
      };
      const starts = [await up("one"), await up("two")];
      const outcomes = await Promise.all(starts.map((start) => start()));
      expect(outcomes.map((outcome) => outcome?.error ?? outcome?.did)).to.deep.equal(["create", "create"]);
      const digests = outcomes.map((outcome) => outcome?.state?.outputs["digest"]);
      expect(digests[0]).to.equal(digests[1]);
      const got = proxy.requests.flatMap(({ method, url }) => (method === "GET" && /^\/v2\/base\/.*sha256:/.test(url) ? [url] : []));
      const archived = shop.takeRequests().filter((line) => line.includes(".deb") || line.includes("/Packages"));
      for (const requests of [got, archived]) expect(requests).to.deep.equal([...new Set(requests)]);
      expect(archived.some((line) => line.includes(".deb"))).to.equal(true);
    });
  }),
);
