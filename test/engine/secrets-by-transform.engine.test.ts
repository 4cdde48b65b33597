import { readFileSync } from "node:fs";
import { after, before, describe, it } from "mocha";
import { openStage, skipWithoutEngine, type Run, type Stage } from "../support/engine/index.js";
import { expect } from "../support/expectations.js";
import { suiteUnless } from "../support/skips.js";

/**
 * Ways in which a secret gets in after the program has passed its arguments, by resource: one program each, as a registration applies to
 * all resources.
 */
const programs: Readonly<Record<string, string>> = {
  "transformations of the sdk": `
    mk("own", { transformations: [sdkSide] });
    mk("parent", { parent: new pulumi.ComponentResource("t:t:T", "component", {}, { transformations: [sdkSide] }) });
    mk("alias", { aliases: [{ name: "earlier" }], transformations: [sdkSide] });`,
  "a transformation of the stack": `pulumi.runtime.registerStackTransformation(sdkSide); mk("stack", {});`,
  "transforms of the engine": `
    mk("own", { transforms: [engineSide] });
    mk("parent", { parent: new pulumi.ComponentResource("t:t:T", "component", {}, { transforms: [engineSide] }) });
    mk("alias", { aliases: [{ name: "earlier" }], transforms: [engineSide] });
    mk("added", { transformations: [(a) => ({ props: a.props, opts: { ...a.opts, transforms: [engineSide] } })] });`,
  "only a parent's transform": `mk("parent", { parent: new pulumi.ComponentResource("t:t:T", "component", {}, { transforms: [engineSide] }) });`,
};

/** Those that the old language host of these tests does not pass on to the engine: through the Automation API, which needs no host. */
const automated: Readonly<Record<string, string>> = {
  "transforms of a resource, a parent and an alias": `
    mk("own", { transforms: [engineSide] });
    mk("parent", { parent: new pulumi.ComponentResource("t:t:T", "component", {}, { transforms: [engineSide] }) });
    mk("alias", { aliases: [{ name: "earlier" }], transforms: [engineSide] });`,
  "a transform of the stack": `pulumi.runtime.registerResourceTransform(engineSide); mk("stack", {});`,
  "transforms of the stack, the second registered after an image": `
    pulumi.runtime.registerResourceTransform(() => undefined);
    mk("first", {});
    pulumi.runtime.registerResourceTransform(engineSide);
    mk("second", {});`,
};

const program = (host: string, body: string, value: string): string => `
  const change = (props) => ({ ...props,
    environment: { ...props.environment, PLAIN: pulumi.secret("was-plain"), TOKEN: pulumi.secret("xyzzy-${value}") },
    labels: pulumi.secret({ "xyzzy-key": "xyzzy-label" }), workingDirectory: pulumi.secret("/srv//xyzzy-${value}/") });
  const mine = (a) => a.type.endsWith(":Customization") && "repository" in a.props;
  const sdkSide = (a) => mine(a) ? { props: change(a.props), opts: a.opts } : undefined;
  const engineSide = async (a) => mine(a) ? { props: change(a.props), opts: a.opts } : undefined;
  const mk = (name, opts) => {
    const image = new dhi.Customization(name, { repository: "${host}/acme/base", version: "3.13", suffix: name,
      platforms: ["linux/amd64"], environment: { PLAIN: "was-plain", KEPT: "stays" } }, opts);
    exports[name] = ["ref", "digest", "reasons", "notices", "resolution", "config", "layers"].map((key) => image[key]);
  };
  ${body}
`;

/** The inline program uses the runtime of the process, like a program that the CLI runs. */
const ofTheProcess =
  "global.asyncLocalStorage = { getStore: () => undefined, run: (store, work, ...args) => { global.globalStore = store; return work(...args); } };";

const automation = (body: string, before = ofTheProcess): string => `
  ${before}
  const { LocalWorkspace } = require("@pulumi/pulumi/automation");
  const pulumi = require("@pulumi/pulumi");
  const dhi = require("pulumi-dhi");
  const program = async () => { const exports = {}; ${body}; return exports; };
  (async () => {
    const stack = await LocalWorkspace.selectStack({ stackName: "dev", projectName: "test", program }, { workDir: process.cwd() });
    const onOutput = (text) => process.stdout.write(text);
    for (const run of [() => stack.preview({ diff: true, onOutput }), () => stack.up({ diff: true, onOutput }), () => stack.up({ onOutput, expectNoChanges: true })]) await run();
  })().catch((error) => { console.error(error); process.exit(1); });
`;

describe(
  "secrets that a transformation or transform adds",
  suiteUnless(skipWithoutEngine, () => {
    let stage: Stage;
    before(async () => {
      stage = await openStage();
    });
    after(() => stage.close());

    for (const [what, body] of Object.entries(programs)) {
      it(`are shown nowhere: ${what}`, async () => {
        const { project, registry } = stage;
        const assertHidden = (step: string, run: Run): void => {
          expect(run.code, run.text).to.equal(0);
          const texts = [run.text, JSON.stringify([run.steps, run.lines]), project.state().text, readFileSync(project.logFile, "utf8")];
          for (const text of texts) {
            for (const secret of ["xyzzy", "was-plain"]) {
              const at = text.indexOf(secret);
              expect(at, `${step}: …${text.slice(Math.max(0, at - 300), at + 100)}…`).to.equal(-1);
            }
          }
        };
        await project.program(program(registry.host, body, "one"));
        assertHidden("preview", await project.preview({ flags: ["--diff"] }));
        const up = await project.up({ flags: ["--diff"] });
        assertHidden("up", up);
        for (const { name, outputs } of up.steps.filter(({ urn }) => urn.includes("dhi:Customization"))) {
          expect(String(outputs["ref"]), name).to.match(/@sha256:/);
          // Values that nothing marked stay readable, where everything that may have marked them was observed.
          if (/sdk|stack/.test(what)) expect(JSON.stringify(outputs["config"]), name).to.match(/"KEPT":\{"image":"stays"\}/);
        }
        assertHidden("unchanged", await project.up({ flags: ["--expect-no-changes"] }));
        await project.program(program(registry.host, body, "two"));
        assertHidden("preview of a change", await project.preview({ flags: ["--diff"] }));
        assertHidden("destroy", await project.destroy());
      });
    }

    for (const [what, body] of Object.entries(automated)) {
      it(`are shown nowhere, and nothing else is hidden: ${what}`, async () => {
        const { project, registry } = stage;
        const { code, text } = await project.automate(automation(program(registry.host, body, "one")));
        expect(code, text).to.equal(0);
        for (const shown of [text, project.state().text]) {
          expect(shown).to.not.match(/xyzzy|was-plain/);
          // The result of a transform has marks only on properties, so that the whole of one is secret; all others stay readable.
          expect(shown).to.match(/environment is a secret/);
          expect(shown).to.not.match(/(?:scripts|cmd) is a secret/);
        }
        await project.destroy();
      });
    }

    it("are shown nowhere in an inline program whose transforms run outside: marked values stay marked", async () => {
      const { project, registry } = stage;
      const image = `new dhi.Customization("inline", { repository: "${registry.host}/acme/base", version: "3.13", suffix: "inline",
      environment: { TOKEN: pulumi.secret("xyzzy") } }, { transforms: [() => undefined] });`;
      const { code, text } = await project.automate(automation(image, ""));
      expect(code, text).to.equal(0);
      for (const shown of [text, project.state().text]) expect(shown).to.not.match(/xyzzy/);
      await project.destroy();
    });
  }),
);
