// @ts-check
// node --test: the program runs against mocks, without engine and registry; nothing is composed.
const assert = require("node:assert/strict");
const { test } = require("node:test");
const pulumi = require("@pulumi/pulumi");

const digest = `sha256:${"0".repeat(64)}`;

/** What the program declared. @type {{ type: string, name: string, inputs: any }[]} */
const declared = [];

pulumi.runtime.setMocks({
  newResource: ({ type, name, inputs }) => {
    declared.push({ type, name, inputs });
    // Outputs that the program uses; all others are undefined here.
    return { id: `${name}-id`, state: { ...inputs, digest, ref: `${inputs.repository}@${digest}` } };
  },
  call: ({ inputs }) => inputs,
});

test("no image runs as root, and deployments get a digest", async () => {
  const program = require("./index.js");
  const ref = await new Promise((resolve) => program.ref.apply(resolve));
  assert.equal(ref, `registry.example.com/acme/dhi-nginx@${digest}`);
  const images = declared.filter(({ type }) => type === "pulumi-nodejs:dynamic/dhi:Customization");
  assert.ok(images.length > 0);
  for (const { name, inputs } of images) {
    assert.notEqual(inputs.runAs ?? "root", "root", `${name} runs as root`);
    assert.notEqual(inputs.runAs, 0, `${name} runs as root`);
  }
});
