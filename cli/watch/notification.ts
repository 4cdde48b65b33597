import { z } from "zod";
import { parseJson } from "../../provider/image/json.js";
import { distributionEvents } from "./distribution-events.js";
import { dockerHubEvent } from "./docker-hub-event.js";
import type { Push } from "./push.js";

const notification = z.union([distributionEvents, dockerHubEvent], "is neither a notification of distribution nor a webhook of Docker Hub");

/** Pushes that the body of a notification tells of. Throws `DhiError` "invalid", "limit". */
export function parseNotification(body: Uint8Array): readonly Push[] {
  return parseJson(body, notification, "the body");
}
