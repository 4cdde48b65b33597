import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, it } from "mocha";
import { openCache } from "../../../provider/cache/open.js";
import { DhiError } from "../../../provider/errors.js";
import { digestOf } from "../../../provider/image/digest.js";
import { createFetcher } from "../../../provider/packages/fetch/fetch.js";
import { expect, expectThat } from "../../support/expectations.js";
import { listen } from "../../support/registries/listen.js";
import { reader, folder, serve } from "./fetching.js";

const bytes = Buffer.alloc(300_000, "0123456789abcdef");
const expected = { digest: digestOf(bytes), size: bytes.length };

/** Names of files below the folder of fetched files. */
function kept(directory: string): readonly string[] {
  try {
    return readdirSync(join(directory, "package-files"), { recursive: true, withFileTypes: true }).flatMap((entry) =>
      entry.isFile() ? [entry.name] : [],
    );
  } catch {
    return [];
  }
}

describe("fetching", () => {
  it("downloads once for all callers, and then reads the cache", async () => {
    let requests = 0;
    const url = await serve((_request, response) => {
      requests += 1;
      response.end(bytes);
    });
    let received = 0;
    const one = reader({ received: (count) => void (received += count) });
    const paths = await Promise.all([1, 2, 3].map(() => one.fetch(`${url}/a.deb`, expected)));
    expect(readFileSync(paths[0] ?? "")).to.deep.equal(bytes);
    expect(new Set(paths).size).to.equal(1);
    await createFetcher({ cache: openCache({ directory: one.directory }) }).fetch(
      { url: `${url}/elsewhere.deb`, origin: "base" },
      expected,
    );
    expect(requests).to.equal(1);
    expect(received).to.equal(bytes.length);
  });

  it("resumes where the connection broke", async () => {
    const ranges: (string | undefined)[] = [];
    const url = await serve((request, response) => {
      ranges.push(request.headers.range);
      const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? "0");
      response.writeHead(from === 0 ? 200 : 206, {
        "content-length": bytes.length - from,
        ...(from === 0 ? {} : { "content-range": `bytes ${from}-${bytes.length - 1}/${bytes.length}` }),
      });
      if (ranges.length > 2) response.end(bytes.subarray(from));
      else response.write(bytes.subarray(from, from + 100_000), () => setTimeout(() => response.destroy(), 20));
    });
    expect(readFileSync(await reader().fetch(`${url}/a.deb`, expected))).to.deep.equal(bytes);
    expect(ranges[0]).to.equal(undefined);
    expect(ranges.length === 3 && ranges.slice(1).every((range) => range !== undefined), String(ranges)).to.equal(true);
  });

  it("skips the known part if a server does not support ranges", async () => {
    let requests = 0;
    const url = await serve((_request, response) => {
      requests += 1;
      response.writeHead(200, { "content-length": bytes.length });
      if (requests > 1) response.end(bytes);
      else response.write(bytes.subarray(0, 100_000), () => setTimeout(() => response.destroy(), 20));
    });
    expect(readFileSync(await reader().fetch(`${url}/a.deb`, expected))).to.deep.equal(bytes);
    expect(requests).to.equal(2);
  });

  it("resumes where a connection without a Content-Length ended", async () => {
    let requests = 0;
    const url = await serve((request, response) => {
      requests += 1;
      const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? "0");
      response.useChunkedEncodingByDefault = false;
      response.shouldKeepAlive = false;
      response.writeHead(from === 0 ? 200 : 206, from === 0 ? {} : { "content-range": `bytes ${from}-299999/300000` });
      response.end(bytes.subarray(from, from + 200_000));
    });
    expect(readFileSync(await reader().fetch(`${url}/a.deb`, expected))).to.deep.equal(bytes);
    expect(requests).to.equal(2);
  });

  it("has at most eight requests to a host", async () => {
    let open = 0;
    let most = 0;
    const url = await serve((request, response) => {
      most = Math.max(most, (open += 1));
      setTimeout(() => {
        open -= 1;
        response.end(request.url);
      }, 5);
    });
    const one = reader();
    const answers = await Promise.all(Array.from({ length: 40 }, (_, at) => one.read(`${url}/${at}`, 100)));
    expect(answers.map(String)).to.deep.equal(Array.from({ length: 40 }, (_, at) => `/${at}`));
    expect(most, String(most)).to.be.at.most(8);
    expect(most, String(most)).to.be.above(1);
  });

  it("reads file URLs", async () => {
    const directory = folder();
    writeFileSync(join(directory, "a+b c"), bytes);
    const url = pathToFileURL(join(directory, "a+b c")).href;
    const one = reader();
    expect(readFileSync(await one.fetch(url, expected))).to.deep.equal(bytes);
    expect(await one.read(url, bytes.length)).to.deep.equal(bytes);
    expect(await one.read(`${url}x`, 10)).to.equal(undefined);
    await expect(one.read(url, 10)).to.be.rejectedWithError({ code: "limit" });
    await expect(one.fetch(`${url}x`, { digest: digestOf("x"), size: 1 })).to.be.rejectedWithError({
      code: "not-found",
      origin: "packages",
    });
  });
});

describe("a file that is not as stated", () => {
  const flipped = Buffer.from(bytes);
  flipped[1000] = 0;
  for (const [name, body, message, head] of [
    ["other bytes of the same length", flipped, /its digest is/, {}],
    [
      "too long, by its length",
      Buffer.concat([bytes, bytes]),
      /has 600000 bytes, but its archive states 300000/,
      { "content-length": "600000" },
    ],
    ["too long, without a length", Buffer.concat([bytes, bytes]), /more than the 300000 bytes/, {}],
    ["too short, by its length", bytes.subarray(1), /has 299999 bytes, but its archive states 300000/, { "content-length": "299999" }],
    ["cut off every time", bytes.subarray(0, 0), /ended after 0 of 300000/, {}],
  ] as const) {
    it(`is rejected, and not cached: ${name}`, async () => {
      const url = await serve((_request, response) => {
        response.writeHead(200, head);
        response.flushHeaders();
        response.end(body);
      });
      const one = reader();
      await expect(one.fetch(`${url}/a.deb`, expected)).to.be.rejectedWithError({ code: "mismatch", origin: "packages", message });
      expect(kept(one.directory)).to.deep.equal([]);
    });
  }

  it("is rejected from the cache if the size differs", async () => {
    const url = await serve((_request, response) => response.end(bytes));
    const one = reader();
    await one.fetch(`${url}/a`, expected);
    await expect(one.fetch(`${url}/b`, { ...expected, size: 5 })).to.be.rejectedWithError({ code: "mismatch" });
  });
});

describe("an endless response", () => {
  it("is read up to the limit, and then disconnected", async () => {
    let sent = 0;
    let hangUp: () => void = () => undefined;
    const closed = new Promise<void>((resolve) => (hangUp = resolve));
    const url = await serve((_request, response) => {
      const timer = setInterval(() => {
        sent += bytes.length;
        response.write(bytes);
      }, 1);
      response.on("close", () => {
        clearInterval(timer);
        hangUp();
      });
    });
    await expect(reader().read(`${url}/InRelease`, 1024 ** 2)).to.be.rejectedWithError({ code: "limit", origin: "packages" });
    await closed;
    expect(sent).to.be.above(1024 ** 2);
  });
});

describe("servers that do not answer", () => {
  it("are unavailable, with a hint", async () => {
    const { host, stop } = await listen(createServer());
    await stop();
    await expect(reader().read(`http://${host}/dists/x/InRelease`, 100)).to.be.rejectedWithError((thrown) => {
      expectThat(thrown instanceof DhiError);
      expect(thrown.code).to.equal("unavailable");
      expect(thrown.message, thrown.message).to.include(`http://${host}/dists/x/InRelease`);
      expect(thrown.hint ?? "").to.match(/can be reached from this machine/);
      return true;
    });
  });

  it("are unavailable on 503, and absent on 404", async () => {
    const url = await serve((request, response) => response.writeHead(request.url === "/gone" ? 404 : 503).end());
    await expect(reader().read(`${url}/a`, 100)).to.be.rejectedWithError({ code: "unavailable", origin: "packages" });
    expect(await reader().read(`${url}/gone`, 100)).to.equal(undefined);
    await expect(reader().fetch(`${url}/gone`, expected)).to.be.rejectedWithError({ code: "not-found" });
  });

  it("are rejected for an invalid URL, without showing a password", async () => {
    await expect(reader().read("https://u:geheim@a.example/x", 1)).to.be.rejectedWithError(
      (thrown) => thrown instanceof DhiError && !thrown.message.includes("geheim"),
    );
    await expect(reader().read("ftp://a.example/x", 1)).to.be.rejectedWithError({ code: "invalid" });
    await expect(reader().read("file://other/x", 1)).to.be.rejectedWithError({ code: "invalid" });
  });
});

describe("files that are identified by something other than a digest", () => {
  const bytes = Buffer.from("the content");
  const sized = { key: "q1-abc", size: bytes.length };
  /** Takes only `bytes`; counts how often it was asked. */
  const judge = (asked: { count: number }) => () => {
    const pieces: Buffer[] = [];
    return {
      write: (piece: Buffer): void => void pieces.push(piece),
      end: (): void => {
        asked.count += 1;
        if (!Buffer.concat(pieces).equals(bytes)) throw new DhiError("mismatch", "it is another one");
      },
    };
  };

  it("are checked while they are downloaded, once, and then read from the cache", async () => {
    const url = await serve((_, response) => response.end(bytes));
    const made = reader();
    const asked = { count: 0 };
    const paths = await Promise.all([1, 2].map(() => made.fetchChecked(`${url}/x`, { ...sized, check: judge(asked) })));
    paths.push(await made.fetchChecked(`${url}/x`, { ...sized, check: judge(asked) }));
    expect(new Set(paths).size).to.equal(1);
    expect(readFileSync(paths[0] ?? "", "utf8")).to.equal("the content");
    expect(asked.count).to.equal(1);
  });

  it("are rejected and not cached if the check fails", async () => {
    const url = await serve((_, response) => response.end("another one"));
    const made = reader();
    for (let tries = 1; tries <= 2; tries += 1) {
      const asked = { count: 0 };
      await expect(made.fetchChecked(`${url}/x`, { ...sized, check: judge(asked) })).to.be.rejectedWithError({
        code: "mismatch",
        origin: "packages",
        message: `${url}/x: it is another one`,
      });
      expect(asked.count).to.equal(1);
    }
  });

  it("are rejected for their size before they are checked", async () => {
    const url = await serve((_, response) => response.end("the content and more"));
    const asked = { count: 0 };
    await expect(reader().fetchChecked(`${url}/x`, { ...sized, check: judge(asked) })).to.be.rejectedWithError({ code: "mismatch" });
    expect(asked.count).to.equal(0);
  });
});

describe("the start of a file", () => {
  it("is read with a range, or the rest is left; a shorter file is whole, an absent one undefined", async () => {
    let range: string | undefined;
    const url = await serve((request, response) => {
      range = request.headers.range;
      if (request.url === "/absent") response.writeHead(404).end();
      else response.end("x".repeat(request.url === "/short" ? 5 : 1_000_000));
    });
    expect((await reader().readStart(`${url}/long`, 10))?.toString()).to.equal("x".repeat(10));
    expect(range).to.equal("bytes=0-9");
    expect((await reader().readStart(`${url}/short`, 10))?.toString()).to.equal("xxxxx");
    expect(await reader().readStart(`${url}/absent`, 10)).to.equal(undefined);
    const directory = folder();
    writeFileSync(join(directory, "file"), "0123456789abc");
    const local = pathToFileURL(directory).href;
    expect((await reader().readStart(`${local}/file`, 10))?.toString()).to.equal("0123456789");
    expect(await reader().readStart(`${local}/absent`, 10)).to.equal(undefined);
  });
});
