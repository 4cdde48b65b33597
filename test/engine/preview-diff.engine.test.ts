import { after, before, describe, it } from "mocha";
import { openStage, publishBase, skipWithoutEngine, type Stage } from "../support/engine/index.js";
import { expect } from "../support/expectations.js";
import { suiteUnless } from "../support/skips.js";

/** The lines of the one resource, with registry and digests replaced by fixed names. */
function readable(text: string, host: string): readonly string[] {
  const lines = text.replaceAll(host, "HOST").replaceAll(/sha256:[0-9a-f]{64}/g, "DIGEST").replaceAll(/sha256:[0-9a-f]{12}/g, "SHORT").split("\n"); // prettier-ignore
  const start = lines.findIndex((line) => line.includes("dhi:Customization"));
  const end = lines.findIndex((line) => line.includes("--outputs:--"));
  return lines.slice(start, end < 0 ? undefined : end).map((line) => line.trimEnd());
}

describe(
  "a preview with --diff",
  suiteUnless(skipWithoutEngine, () => {
    let stage: Stage;
    const image = {
      version: "3.13",
      suffix: "one",
      platforms: ["linux/amd64"],
      environment: { LOG_LEVEL: "info", REGION: "eu" },
      entrypoint: ["--verbose"],
      users: [{ name: "app", uid: 1001 }],
      runAs: "app",
      scripts: [{ path: "/opt/run", content: "one", uid: 0, gid: 0, mode: "0755" }],
    };
    before(async () => {
      stage = await openStage();
      await stage.declare({ one: { ...image, repository: stage.at("base") } });
      const up = await stage.project.up();
      expect(up.code, up.text).to.equal(0);
    });
    after(() => stage.close());

    const show = async (images: Parameters<Stage["declare"]>[0]): Promise<readonly string[]> => {
      await stage.declare(images);
      const preview = await stage.project.preview({ flags: ["--diff"] });
      expect(preview.code, preview.text).to.equal(0);
      const text = withoutHistory(preview.text);
      expect(text).to.not.match(/__|\[unknown\]/);
      return readable(text, stage.registry.host);
    };
    /** The engine lists an update's changes of hidden outputs as well, with which tags come and go. */
    const withoutHistory = (text: string): string => text.replace(/^ {6}~ __history +: \[\n(?: {8,}[^ \n].*\n)*? {8}\]\n/m, "");

    it("shows the declaration of a new image, and the base's config before and after", async () => {
      const repository = stage.at("base");
      const lines = await show({ one: { ...image, repository }, two: { ...image, suffix: "two", repository } });
      const config = lines.indexOf("        config         : {");
      expect(lines.slice(config, lines.indexOf("        }", config) + 1)).to.deep.equal([
        "        config         : {",
        "            entrypoint : {",
        "                base : [",
        '                    [0]: "/usr/bin/app"',
        "                ]",
        "                image: [",
        '                    [0]: "/usr/bin/app"',
        '                    [1]: "--verbose"',
        "                ]",
        "            }",
        "            environment: {",
        "                LOG_LEVEL: {",
        '                    image: "info"',
        "                }",
        "                REGION   : {",
        '                    image: "eu"',
        "                }",
        "            }",
        "            user       : {",
        '                base : "65534"',
        '                image: "1001"',
        "            }",
        "        }",
      ]);
      for (const line of [
        '            3.13_two: "DIGEST"',
        '        ref            : "HOST/acme/base@DIGEST"',
        '            [0]: "new image"',
      ])
        expect(lines, line).to.include(line);
      expect(lines.join("\n")).to.match(/\[0\]: "files: \d+ entries, 0\.\d kB"/);
    });

    it("shows only the variable when only a variable changed", async () => {
      const changed = { ...image, environment: { LOG_LEVEL: "debug", REGION: "eu" }, repository: stage.at("base") };
      expect(await show({ one: changed })).to.deep.equal([
        "    ~ pulumi-nodejs:dynamic/dhi:Customization: (update)",
        "        [id=HOST/acme/base:3.13_one]",
        "        [urn=urn:pulumi:dev::test::pulumi-nodejs:dynamic/dhi:Customization::one]",
        "      ~ asBase         : {",
        '          ~ version: "3.13_one@DIGEST" => "3.13_one@DIGEST"',
        "        }",
        "      ~ config         : {",
        "          ~ environment: {",
        "              ~ LOG_LEVEL: {",
        '                  ~ image: "info" => "debug"',
        "                }",
        "            }",
        "        }",
        '      ~ digest         : "DIGEST" => "DIGEST"',
        "      ~ environment    : {",
        '          ~ LOG_LEVEL: "info" => "debug"',
        "        }",
        "      ~ platformDigests: {",
        '          ~ linux/amd64: "DIGEST" => "DIGEST"',
        "        }",
        "      ~ reasons        : [",
        '          ~ [0]: "new image" => "environment.LOG_LEVEL changed"',
        "        ]",
        '      ~ ref            : "HOST/acme/base@DIGEST" => "HOST/acme/base@DIGEST"',
        "      ~ tags           : {",
        '          ~ 3.13_one: "DIGEST" => "DIGEST"',
        "        }",
      ]);
    });

    it("shows the resolution when the base was patched", async () => {
      await publishBase(stage.registry.open("acme/base"), "3.13", { release: "2", architectures: ["amd64", "arm64"] });
      const lines = await show({ one: { ...image, repository: stage.at("base") } });
      const changed = lines.filter((line) => /^ {6}~ /.test(line)).map((line) => line.replace(/^ {6}~ (\w+).*$/, "$1"));
      expect(changed).to.deep.equal(["asBase", "base", "digest", "platformDigests", "reasons", "ref", "resolution", "tags"]);
      expect(lines, lines.join("\n")).to.include('          ~ [0]: "new image" => "base 3.13: SHORT → SHORT"');
    });
  }),
);
