// Downloads the official release of the Pulumi CLI and verifies its checksum.
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, rmSync } from "node:fs";
import https from "node:https";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { runOrThrow, say } from "./run.mjs";

const connectMs = 5000;
const redirects = 5;
const platforms = { linux: "linux", darwin: "darwin" };
const architectures = { x64: "x64", arm64: "arm64" };

function open(url, left = redirects) {
  return new Promise((resolve, reject) => {
    const request = https.get(url, (response) => {
      const { statusCode, headers } = response;
      if (statusCode === 200) return resolve(response);
      response.resume();
      if (statusCode >= 300 && statusCode < 400 && headers.location && left > 0)
        return resolve(open(new URL(headers.location, url), left - 1));
      return reject(new Error(`${new URL(url).host} answered ${statusCode}`));
    });
    // DNS lookup, connection and first byte share the five seconds; the body has no time limit.
    const timer = setTimeout(() => request.destroy(new Error(`no answer from ${new URL(url).host} in ${connectMs / 1000} s`)), connectMs);
    request.on("response", () => clearTimeout(timer));
    request.on("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
  });
}

async function readText(stream) {
  let text = "";
  for await (const chunk of stream) text += chunk;
  return text;
}

/** Downloads the release for this platform, checks its SHA-256, and unpacks the CLI and its language host into `folder`. */
export async function downloadPulumi(version, folder) {
  const [os, architecture] = [platforms[process.platform], architectures[process.arch]];
  if (!os || !architecture) throw new Error(`Pulumi has no release for ${process.platform}/${process.arch}`);
  const name = `pulumi-v${version}-${os}-${architecture}.tar.gz`;
  const sums = await readText(await open(`https://github.com/pulumi/pulumi/releases/download/v${version}/pulumi-${version}-checksums.txt`));
  const expected = new RegExp(`^([0-9a-f]{64})\\s+\\*?${name.replaceAll(".", "\\.")}$`, "m").exec(sums)?.[1];
  if (!expected) throw new Error(`the release's checksums do not list ${name}`);
  const archive = join(folder, name);
  say(`  downloading ${name}`);
  await pipeline(await open(`https://get.pulumi.com/releases/sdk/${name}`), createWriteStream(archive));
  const hash = createHash("sha256");
  await pipeline(createReadStream(archive), hash);
  const actual = hash.digest("hex");
  if (actual !== expected) throw new Error(`${name} has the SHA-256 ${actual}, but the release's checksums say ${expected}`);
  await runOrThrow("tar", ["-xzf", archive, "-C", folder, "--strip-components=1", "pulumi/pulumi", "pulumi/pulumi-language-nodejs"]);
  rmSync(archive);
}
