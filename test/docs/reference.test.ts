import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "mocha";
import { vexCommand } from "../../cli/vex/command.js";
import { watchCommand } from "../../cli/watch/command.js";
import { WatchMetrics } from "../../cli/watch/metrics.js";
import { descendantsCommand } from "../../cli/descendants/command.js";
import { statusCommand } from "../../cli/status/command.js";
import { statuses } from "../../cli/status/stack-image.js";
import { customizationKind } from "../../provider/resources/customization/customization.js";
import { ociArtifactKind } from "../../provider/resources/oci-artifact/oci-artifact.js";
import { noticeKinds } from "../../provider/notice-kind.js";
import { mirrorOutputs } from "../../provider/pipeline/mirror/output-names.js";
import { mirrorInputs } from "../../provider/resources/mirror/mirror.js";
import { packageFolder } from "../support/engine/index.js";
import { expect } from "../support/expectations.js";

const read = (path: string): string => readFileSync(join(packageFolder, path), "utf8");

/** Words in backticks in the first cells of a page's tables. */
function tableNames(page: string): readonly string[] {
  const cells = read(page).match(/^\| `[^|]*/gm) ?? [];
  return [...new Set(cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? "")))].sort();
}

describe("the reference pages", () => {
  it("list every input, and no other", () => {
    const inputs = new Set([...customizationKind.inputs, ...ociArtifactKind.inputs]);
    expect(tableNames("docs/reference/inputs.md")).to.deep.equal([...inputs].sort());
  });

  it("list every output, and no other", () => {
    const declared = ["sdk/published-image.ts", "sdk/customization.ts"].flatMap((file) =>
      [...read(file).matchAll(/declare readonly (\w+): Output/g)].map(([, name]) => name),
    );
    expect(tableNames("docs/reference/outputs.md")).to.deep.equal(declared.sort());
  });

  it("list every input and output of a mirror, and no other", () => {
    expect(tableNames("docs/reference/mirror.md")).to.deep.equal([...mirrorInputs, ...mirrorOutputs].sort());
  });

  it("list every option and metric of watch, and no other", () => {
    const page = read("docs/reference/watch.md");
    const names = (text: string, form: RegExp): readonly string[] =>
      [...new Set([...text.matchAll(form)].map(([, name = ""]) => name))].sort();
    const options = watchCommand().options.map(({ long }) => long ?? "");
    expect(names(page, /^\| `(--[\w-]+)/gm)).to.deep.equal(options.sort());
    const metrics = new WatchMetrics(["dev"]).format();
    expect(names(page, /^\| `(pulumi_dhi_watch_\w+?)(?:_sum)?`/gm)).to.deep.equal(names(metrics, /^# TYPE (\w+)/gm));
  });

  it("list every kind of notice, and no other", () => {
    expect(tableNames("docs/reference/notices.md")).to.deep.equal([...noticeKinds].sort());
  });

  it("list every option of the command line, and everything that its JSON has", () => {
    const listed = tableNames("docs/reference/cli.md");
    const commands = [statusCommand(), descendantsCommand(), vexCommand()];
    const options = commands.flatMap((command) => command.options.map(({ flags, short }) => flags.replace(`${short ?? ""}, `, "")));
    const fields = ["status/stack-image.ts StackImage", "descendants/descendant.ts Descendant"].flatMap((place) => {
      const [file = "", type = ""] = place.split(" ");
      const [, body = ""] = new RegExp(`export interface ${type} \\{([\\s\\S]*?)\\n\\}`).exec(read(`cli/${file}`)) ?? [];
      return [...body.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, name]) => name ?? "");
    });
    expect(fields.length).to.be.above(15);
    const words = ["Age", "Evidence"].flatMap((type) => {
      const [, body = ""] = new RegExp(`export type ${type} =([^;]*);`).exec(read("cli/descendants/descendant.ts")) ?? [];
      return [...body.matchAll(/"(\w+)"/g)].map(([, word]) => word ?? "");
    });
    expect(words).to.have.length(6);
    expect(listed).to.include.members([...options, ...statuses, ...fields, ...words]);
  });

  it("list every key of stack configuration that the sdk declares", () => {
    const [, fields = ""] = /export interface DhiConfig \{([\s\S]*?)\n\}/.exec(read("sdk/outputs.ts")) ?? [];
    const declared = [...fields.matchAll(/^ {2}(\w+)\?:/gm)].map(([, name]) => `dhi:${name ?? ""}`);
    expect(declared.length).to.be.above(0);
    const listed = tableNames("docs/reference/configuration.md");
    expect(declared.filter((key) => !listed.includes(key))).to.deep.equal([]);
  });
});
