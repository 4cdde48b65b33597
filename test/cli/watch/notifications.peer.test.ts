import { setTimeout as delay } from "node:timers/promises";
import { describe, it } from "mocha";
import type { Push } from "../../../cli/watch/push.js";
import { WebhookSecret } from "../../../cli/watch/secret.js";
import { startServer } from "../../../cli/watch/server.js";
import { createWebhook } from "../../../cli/watch/webhook.js";
import { parseRepository } from "../../../provider/image/reference.js";
import { openRepositories } from "../../../provider/registry/open.js";
import { publishBase } from "../../support/engine/index.js";
import { expect } from "../../support/expectations.js";
import { startDockerRegistry } from "../../support/registries/index.js";
import { findProgram } from "../../support/registries/process.js";
import { cleanup } from "../../support/running-test.js";
import { testUnless } from "../../support/skips.js";

const secret = "hooks-secret-of-the-peer-test";

describe("notifications as registries send them", () => {
  for (const program of ["docker-registry", "registry"] as const) {
    const missing = findProgram(program) === undefined && `${program} is not installed`;
    it(
      `tell of tags alone: ${program}`,
      testUnless(missing, async () => {
        const pushes: Push[] = [];
        const results: string[] = [];
        const app = createWebhook({
          secret: new WebhookSecret(secret),
          onPush: (push) => {
            pushes.push(push);
            return true;
          },
          onRequest: (result) => results.push(result),
          metrics: () => "",
          isStopping: () => false,
          log: () => undefined,
        });
        const server = await startServer(app, { host: "127.0.0.1", port: 0 });
        cleanup(server.stop);
        const url = `http://127.0.0.1:${server.address.port}/webhook`;
        const registry = await startDockerRegistry({ program, notify: { url, headers: { Authorization: [`Bearer ${secret}`] } } });
        cleanup(registry.stop);
        const repositories = openRepositories({ projectDirectory: "/", env: { HOME: "/nonexistent", PATH: process.env["PATH"] } });
        cleanup(() => repositories.close());
        const repository = repositories.open(parseRepository(`${registry.host}/acme/base`));
        await publishBase(repository, "3.13", { architectures: ["amd64", "arm64"] });
        await repository.getManifest("3.13");
        await publishBase(repository, "last");
        for (let tries = 0; tries < 400 && pushes.at(-1)?.tag !== "last"; tries += 1) await delay(25);
        const push = { host: registry.host, repository: "acme/base" };
        expect(pushes).to.deep.equal([
          { ...push, tag: "3.13" },
          { ...push, tag: "last" },
        ]);
        expect(new Set(results)).to.deep.equal(new Set(["accepted", "ignored"]));
      }),
    );
  }
});
