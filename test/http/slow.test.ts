import { createServer, type ServerResponse } from "node:http";
import { createServer as createSocketServer, type Socket } from "node:net";
import { describe, it } from "mocha";
import { Breaks } from "../../provider/http/breaks.js";
import { createHttpClient } from "../../provider/http/client.js";
import { expect } from "../support/expectations.js";
import { listen } from "../support/registries/listen.js";
import { cleanup } from "../support/running-test.js";

const client = createHttpClient({ env: {}, firstDelay: 1, slowest: { bytes: 1000, milliseconds: 60 } });

/** Writes a byte each five milliseconds until the client disconnects. */
function trickle(to: ServerResponse, text: string): void {
  const timer = setInterval(() => to.write(text), 5);
  to.on("close", () => clearInterval(timer)).on("error", () => undefined);
}

async function serve(answer: (response: ServerResponse, number: number) => void): Promise<{ base: string; count: () => number }> {
  let count = 0;
  const { host, stop } = await listen(createServer((_, response) => answer(response, (count += 1))));
  cleanup(stop);
  return { base: `http://${host}/`, count: () => count };
}

describe("a server that trickles bytes", () => {
  it("is disconnected and retried", async () => {
    const { base, count } = await serve((response) => trickle(response, "x"));
    await expect(client.send({ method: "GET", url: base })).to.be.rejectedWithError({
      code: "unavailable",
      message: /^could not GET \/: 127\.0\.0\.1:\d+: the response was too slow \(\d+ bytes in 0\.\d s\)$/,
    });
    expect(count()).to.equal(4);
  });

  it("does not delay the error of its status", async () => {
    const { base } = await serve((response) => trickle(response.writeHead(400), "x"));
    await expect(client.send({ method: "GET", url: base })).to.be.rejectedWithError({ code: "unavailable", message: /too slow/ });
  });

  it("does not delay a redirect or a retry, whose bodies are discarded", async () => {
    const { base } = await serve((response, number) => {
      if (number === 1) trickle(response.writeHead(307, { location: "/x" }), "x");
      else if (number === 2) trickle(response.writeHead(503, { "retry-after": "0" }), "x");
      else response.end("there");
    });
    expect((await client.send({ method: "GET", url: base })).body.toString()).to.equal("there");
  });

  it("is not blamed for the time that the reader takes", async () => {
    const { base } = await serve((response) => response.end(Buffer.alloc(300_000)));
    const answer = await client.request({ method: "GET", url: base });
    let size = 0;
    for await (const chunk of answer.stream()) {
      size += chunk.byteLength;
      if (size === chunk.byteLength) await new Promise((resolve) => setTimeout(resolve, 150));
    }
    expect(size).to.equal(300_000);
  });

  for (const [count, ends] of [
    [16, true],
    [17, false],
  ] as const) {
    // prettier-ignore
    it(`${ends ? "may" : "may not"} send ${count} interim responses`, async () => {
      const sockets: Socket[] = [];
      const { host, stop } = await listen(
        createSocketServer((socket) => {
          sockets.push(socket.on("error", () => undefined));
          socket.write(`${"HTTP/1.1 103 Early Hints\r\n\r\n".repeat(count)}HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok`);
        }),
      );
      cleanup(() => {
        for (const socket of sockets) socket.destroy();
        return stop();
      });
      const answer = client.send({ method: "GET", url: `http://${host}/`, tries: 1 });
      if (ends) expect((await answer).body.toString()).to.equal("ok");
      else await expect(answer).to.be.rejectedWithError({ code: "rejected", message: /sent more than 16 interim responses$/ });
    });
  }
});

it("a download that breaks is resumed while 64 KiB are received between four breaks", () => {
  const breaks = new Breaks();
  for (const progress of [64 * 1024, 64 * 1024 - 1])
    for (let round = 0; round < 3; round += 1) {
      expect(breaks.broke()).to.equal(false);
      expect(breaks.broke()).to.equal(progress < 64 * 1024 && round === 1);
      if (progress < 64 * 1024 && round === 1) return;
      breaks.received(progress);
    }
  expect.fail("it never ended");
});
