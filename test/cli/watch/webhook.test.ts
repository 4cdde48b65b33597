import { request } from "node:http";
import { beforeEach, describe, it } from "mocha";
import type { NotificationResult } from "../../../cli/watch/metrics.js";
import type { Push } from "../../../cli/watch/push.js";
import { WebhookSecret } from "../../../cli/watch/secret.js";
import { startServer } from "../../../cli/watch/server.js";
import { createWebhook, MAX_BODY } from "../../../cli/watch/webhook.js";
import { expect } from "../../support/expectations.js";
import { cleanup } from "../../support/running-test.js";
import { hubEvent, pushEvent } from "./bodies.js";

const secret = "hooks-secret-of-the-test-2";
const authorization = `Bearer ${secret}`;
const valid = JSON.stringify({ events: [pushEvent] });
/** Valid JSON of so many bytes. */
const bodyOf = (bytes: number): string => `{"events":[]${" ".repeat(bytes - 13)}}`;

describe("the webhook", () => {
  let pushes: Push[];
  let results: NotificationResult[];
  let lines: string[];
  let stopping: boolean;
  let base: string;
  beforeEach(async () => {
    [pushes, results, lines, stopping] = [[], [], [], false];
    const app = createWebhook({
      secret: new WebhookSecret(secret),
      onPush: (push) => {
        pushes.push(push);
        return push.repository === "acme/base";
      },
      onRequest: (result) => results.push(result),
      metrics: () => "metrics 1\n",
      isStopping: () => stopping,
      log: (line) => lines.push(line),
    });
    const server = await startServer(app, { host: "127.0.0.1", port: 0 });
    base = `http://127.0.0.1:${server.address.port}`;
    cleanup(server.stop);
  });
  const post = (path: string, body: string, headers: Readonly<Record<string, string>> = {}) =>
    fetch(`${base}${path}`, { method: "POST", body, headers });

  it("takes a notification with the secret in its header", async () => {
    const answer = await post("/webhook", valid, { authorization });
    expect(answer.status).to.equal(202);
    expect(await answer.json()).to.deep.equal({ accepted: 1, ignored: 0 });
    expect(pushes).to.deep.equal([{ host: "registry.example.com:5000", repository: "acme/base", tag: "3.13" }]);
    expect(results).to.deep.equal(["accepted"]);
  });

  it("takes a webhook of Docker Hub with the secret in its path", async () => {
    const answer = await post(`/webhook/${secret}`, JSON.stringify(hubEvent));
    expect(answer.status).to.equal(202);
    expect(await answer.json()).to.deep.equal({ accepted: 0, ignored: 1 });
    expect(results).to.deep.equal(["ignored"]);
  });

  const unauthorized: readonly (readonly [string, string, Readonly<Record<string, string>>])[] = [
    ["no secret", "/webhook", {}],
    ["a wrong secret", "/webhook", { authorization: "Bearer wrong-secret-wrong-secret" }],
    ["a part of the secret", "/webhook", { authorization: authorization.slice(0, -1) }],
    ["another scheme", "/webhook", { authorization: `Basic ${secret}` }],
    ["a wrong secret in the path", "/webhook/wrong-secret-wrong-secret", {}],
    ["a wrong secret in the path, and the right one in the header", "/webhook/x", { authorization }],
    ["the secret in the query", `/webhook?secret=${secret}`, {}],
  ];
  for (const [name, path, headers] of unauthorized) {
    it(`answers 401 to ${name}, and reads no body`, async () => {
      const answer = await post(path, valid, headers);
      expect(answer.status).to.equal(401);
      expect(answer.headers.get("www-authenticate")).to.equal("Bearer");
      expect([pushes, results]).to.deep.equal([[], ["unauthorized"]]);
      expect(lines.join("")).to.not.include("secret-");
    });
  }

  it("takes a body of 1 MiB, and answers 413 to a larger one", async () => {
    expect((await post("/webhook", bodyOf(MAX_BODY), { authorization })).status).to.equal(202);
    expect((await post("/webhook", bodyOf(MAX_BODY + 1), { authorization })).status).to.equal(413);
    expect(results).to.deep.equal(["ignored", "too_large"]);
  });

  it("answers 413 to a larger body that does not tell its length", async () => {
    const status = await new Promise((resolve, reject) => {
      const sent = request(`${base}/webhook`, { method: "POST", headers: { authorization, "transfer-encoding": "chunked" } }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      });
      sent.once("error", reject);
      sent.write(bodyOf(MAX_BODY));
      sent.end("  ");
    });
    expect(status).to.equal(413);
  });

  it("answers 400 to a body that is not a notification", async () => {
    for (const body of ["", "{", "{}", "\u0000"]) expect((await post("/webhook", body, { authorization })).status).to.equal(400);
    expect(results).to.deep.equal(["invalid", "invalid", "invalid", "invalid"]);
    expect(lines[1]).to.equal("a notification is refused with 400: the body is not JSON");
  });

  const others: readonly (readonly [string, string, number, string | null])[] = [
    ["GET", "/webhook", 405, "POST"],
    ["PUT", `/webhook/${secret}`, 405, "POST"],
    ["POST", "/healthz", 405, "GET, HEAD"],
    ["DELETE", "/metrics", 405, "GET, HEAD"],
    ["GET", "/", 404, null],
    ["POST", "/", 404, null],
    ["POST", `/webhook/${secret}/more`, 404, null],
  ];
  for (const [method, path, status, allow] of others) {
    it(`answers ${status} to ${method} ${path.replace(secret, "SECRET")}`, async () => {
      const answer = await fetch(base + path, { method });
      expect(answer.status).to.equal(status);
      expect(answer.headers.get("allow")).to.equal(allow);
    });
  }

  it("tells its health and its metrics without the secret", async () => {
    const health = await fetch(`${base}/healthz`);
    expect([health.status, await health.text()]).to.deep.equal([200, "ok\n"]);
    const metrics = await fetch(`${base}/metrics`);
    expect([metrics.status, await metrics.text()]).to.deep.equal([200, "metrics 1\n"]);
    expect(metrics.headers.get("content-type")).to.equal("text/plain; version=0.0.4; charset=utf-8");
  });

  it("takes nothing while it stops, so that the registry sends it again", async () => {
    stopping = true;
    expect((await fetch(`${base}/healthz`)).status).to.equal(503);
    expect((await post("/webhook", valid, { authorization })).status).to.equal(503);
    expect(pushes).to.deep.equal([]);
  });

  it("cannot listen where something else does", async () => {
    const port = Number(new URL(base).port);
    const app = createWebhook({
      secret: new WebhookSecret(secret),
      onPush: () => true,
      onRequest: () => undefined,
      metrics: () => "",
      isStopping: () => false,
      log: () => undefined,
    });
    await expect(startServer(app, { host: "127.0.0.1", port })).to.be.rejectedWithError({ code: "unavailable", hint: /--listen/ });
  });
});
