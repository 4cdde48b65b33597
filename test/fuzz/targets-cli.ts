import { parseNotification } from "../../cli/watch/notification.js";
import { isRepositoryName, isTag } from "../../provider/image/reference.js";
import { expect } from "../support/expectations.js";
import { dhiMetadata, hubEvent, pushEvent } from "../cli/watch/bodies.js";
import type { Target } from "./target.js";

/** Bodies of webhooks. */
export const notifications: Target = {
  name: "notifications",
  seeds: [{ events: [pushEvent, pushEvent] }, hubEvent, { ...hubEvent, dhi_metadata: dhiMetadata }].map((body) => JSON.stringify(body)),
  words: [
    '"events":',
    '"action":"push"',
    '"repository":',
    '"repo_name":',
    '"tag":',
    '"dhi_metadata":',
    '"__proto__":',
    "null",
    "[",
    "{",
    "\\u0000",
  ],
  limit: 4096,
  run: (input) => {
    for (const { repository, tag } of parseNotification(input)) {
      expect(isRepositoryName(repository)).to.equal(true);
      expect(isTag(tag)).to.equal(true);
    }
  },
};
