import { describe, it } from "mocha";
import { parseNotification } from "../../../cli/watch/notification.js";
import type { Push } from "../../../cli/watch/push.js";
import { expect } from "../../support/expectations.js";
import { dhiMetadata, hubEvent, pushEvent } from "./bodies.js";

const parse = (body: unknown): readonly Push[] => parseNotification(Buffer.from(JSON.stringify(body)));
const pushed = { host: "registry.example.com:5000", repository: "acme/base", tag: "3.13" };
const { target } = pushEvent;

describe("notifications", () => {
  const read: readonly (readonly [string, unknown, readonly Push[]])[] = [
    ["a push of a tag", { events: [pushEvent] }, [pushed]],
    ["more than one", { events: [pushEvent, { ...pushEvent, target: { ...target, tag: "3" } }] }, [pushed, { ...pushed, tag: "3" }]],
    ["a registry that does not tell its host", { events: [{ action: "push", target }] }, [{ ...pushed, host: undefined }]],
    ["no events", { events: [] }, []],
    ["a pull", { events: [{ ...pushEvent, action: "pull" }] }, []],
    ["a deletion", { events: [{ ...pushEvent, action: "delete" }] }, []],
    ["a blob, or a manifest by digest", { events: [{ ...pushEvent, target: { ...target, tag: undefined } }] }, []],
    ["a tag that is not valid", { events: [{ ...pushEvent, target: { ...target, tag: "a b\n" } }, pushEvent] }, [pushed]],
    ["a repository that is not valid", { events: [{ ...pushEvent, target: { ...target, repository: "../x" } }, null, 7] }, []],
    ["Docker Hub", hubEvent, [{ host: "docker.io", repository: "svendowideit/testhook", tag: "latest" }]],
    [
      "Docker Hub, a mirrored hardened image",
      { ...hubEvent, dhi_metadata: dhiMetadata },
      [
        {
          host: "docker.io",
          repository: "svendowideit/testhook",
          tag: "latest",
          summary: "fixes 2 vulnerabilities, updates 2 packages",
        },
      ],
    ],
    [
      "Docker Hub, with metadata of another shape",
      { ...hubEvent, dhi_metadata: { "sha256:1": { changes: { vulnerabilities_fixed: "many" } }, other: 7 } },
      [{ host: "docker.io", repository: "svendowideit/testhook", tag: "latest", summary: "fixes 0 vulnerabilities, updates 0 packages" }],
    ],
  ];
  for (const [name, body, pushes] of read) it(`tell ${name}`, () => expect(parse(body)).to.deep.equal(pushes));

  const neither = /^the body is neither a notification of distribution nor a webhook of Docker Hub$/;
  const refused: readonly (readonly [string, string, RegExp])[] = [
    ["no JSON", "{", /^the body is not JSON$/],
    ["an empty body", "", /^the body is not JSON$/],
    ["a list", "[]", neither],
    ["null", "null", neither],
    ["another object", "{}", neither],
    ["events that are no list", '{"events":{}}', neither],
    ["Docker Hub without a tag", JSON.stringify({ ...hubEvent, push_data: {} }), neither],
    ["Docker Hub with a repository that is not valid", JSON.stringify({ ...hubEvent, repository: { repo_name: "A B" } }), neither],
    ["deep nesting", `{"events":${"[".repeat(200)}`, /nested deeper/],
  ];
  for (const [name, body, message] of refused) {
    it(`refuse ${name}`, () => {
      expect(() => parseNotification(Buffer.from(body))).to.throwError({ message });
    });
  }
});
