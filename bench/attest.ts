import { generateKeyPairSync } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ValueMap } from "../provider/values.js";
import { debianBase } from "../test/pipeline/packages/packages-shop.js";
import { makeImage, putImage } from "../test/support/images/image.js";
import { file } from "../test/support/images/layer-tar.js";
import { benchSession, customize } from "./customize.js";
import { inTurns, median, runProcess, timed, type Sample } from "./measure.js";
import { milliseconds, type Row } from "./row.js";

const rounds = 7;
/** Packages of the base, on each of its two platforms. */
const packages = 120;
/** Milliseconds that signing and attesting may add. */
const aim = 300;

/**
 * A customization of a base with 120 packages for two platforms, unsigned and signed with a key: what the SBOMs in two forms, provenance and ten
 * signatures add. Beside it what `cosign sign` takes for the index alone.
 */
export async function benchAttest(host: string, folder: string): Promise<readonly Row[]> {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const key = join(folder, "bench.key");
  await writeFile(key, privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
  const cache = join(folder, "attest-cache");
  const setUp = benchSession(cache, folder);
  const status = Array.from({ length: packages }, (_, at) => entryOf(`package${String(at)}`)).join("");
  const base = makeImage(debianBase("none", [file("var/lib/dpkg/status", status)]));
  await putImage(setUp.repositories.open({ kind: "registry", host, name: "attest/base" }), base, "1");
  let run = 0;
  const inputsOf = (more: ValueMap): ValueMap => ({
    repository: `${host}/attest/base`,
    version: "1",
    suffix: "ours",
    destination: `${host}/attest/app${String((run += 1))}`,
    scripts: [{ path: "/opt/run", content: `#!/bin/sh\necho ${String(run)}\n`, uid: 0, gid: 0, mode: "0755" }],
    ...more,
  });
  let last = "";
  const ours = (more: ValueMap): Promise<Sample> =>
    timed(async () => {
      const { ref } = await customize(benchSession(cache, folder), inputsOf(more));
      if (typeof ref === "string") last = ref;
    });
  const cosign = process.env["DHI_COSIGN2"];
  const env = { ...process.env, COSIGN_PASSWORD: "" };
  const pair = join(folder, "cosign");
  if (cosign !== undefined) await runProcess(cosign, ["generate-key-pair", "--output-key-prefix", pair], env);
  const peer = (): Promise<Sample> =>
    cosign === undefined
      ? Promise.resolve({ milliseconds: NaN })
      : runProcess(cosign, ["sign", "--key", `${pair}.key`, "--tlog-upload=false", "--yes", "--allow-http-registry", last], env);
  const [unsigned = [], signed = [], peers = []] = await inTurns(rounds, [() => ours({}), () => ours({ sign: { key } }), peer]);
  const adds = median(signed) - median(unsigned);
  const theirs = cosign === undefined ? "cosign is missing" : `cosign sign, of the index alone ${milliseconds(median(peers))}`;
  return [
    {
      name: "signing and attesting two platforms",
      ours: `${milliseconds(adds)} more than ${milliseconds(median(unsigned))}`,
      peer: theirs,
      ratio: cosign === undefined ? undefined : adds / median(peers),
      aim: `under ${String(aim)} ms`,
      missed: adds >= aim,
    },
  ];
}

function entryOf(name: string): string {
  return `Package: ${name}\nStatus: install ok installed\nMaintainer: Bench <bench@example.com>\nArchitecture: amd64\nVersion: 1.0-1\nDescription: ${name}\n\n`;
}
