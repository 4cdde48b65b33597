import { Hono, type Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import { DhiError } from "../../provider/errors.js";
import type { Log } from "./log.js";
import type { NotificationResult } from "./metrics.js";
import { METRICS_TYPE } from "./metrics-text.js";
import { parseNotification } from "./notification.js";
import type { Push } from "./push.js";
import type { WebhookSecret } from "./secret.js";

/** Largest body of a notification, in bytes. */
export const MAX_BODY = 1024 * 1024;

export interface WebhookOptions {
  readonly secret: WebhookSecret;
  /** Whether a push concerns a stack. */
  readonly onPush: (push: Push) => boolean;
  readonly onRequest: (result: NotificationResult) => void;
  readonly metrics: () => string;
  readonly isStopping: () => boolean;
  readonly log: Log;
}

/** POST /webhook and /webhook/SECRET, GET /healthz and /metrics. */
export function createWebhook({ secret, onPush, onRequest, metrics, isStopping, log }: WebhookOptions): Hono {
  const app = new Hono();
  const refuse = (context: Context, result: NotificationResult, status: 400 | 401 | 413, text: string): Response => {
    onRequest(result);
    log(`a notification is refused with ${status}: ${text}`);
    return context.text(`${text}\n`, status);
  };
  // Before the body is read. Docker Hub can send no header, so that its URL carries the secret.
  const authenticate = (context: Context): Response | undefined => {
    const given = context.req.param("secret") ?? /^Bearer +(\S+)$/i.exec(context.req.header("authorization") ?? "")?.[1];
    if (given !== undefined && secret.matches(given)) return undefined;
    context.header("WWW-Authenticate", "Bearer");
    return refuse(context, "unauthorized", 401, given === undefined ? "the secret is missing" : "the secret is wrong");
  };
  const limit = bodyLimit({
    maxSize: MAX_BODY,
    onError: (context) => refuse(context, "too_large", 413, `the body has more than ${MAX_BODY} bytes`),
  });
  for (const path of ["/webhook", "/webhook/:secret"]) {
    app.post(
      path,
      async (context, next) => authenticate(context) ?? (await next()),
      limit,
      async (context) => {
        if (isStopping()) return context.text("stopping\n", 503);
        const body = new Uint8Array(await context.req.arrayBuffer());
        let pushes: readonly Push[];
        try {
          pushes = parseNotification(body);
        } catch (thrown) {
          if (thrown instanceof DhiError) return refuse(context, "invalid", 400, thrown.describe());
          throw thrown;
        }
        const accepted = pushes.filter((push) => onPush(push));
        onRequest(accepted.length > 0 ? "accepted" : "ignored");
        return context.json({ accepted: accepted.length, ignored: pushes.length - accepted.length }, 202);
      },
    );
    app.all(path, (context) => context.text("only POST is allowed here\n", 405, { Allow: "POST" }));
  }
  app.get("/healthz", (context) => (isStopping() ? context.text("stopping\n", 503) : context.text("ok\n")));
  app.get("/metrics", (context) => context.body(metrics(), 200, { "Content-Type": METRICS_TYPE }));
  for (const path of ["/healthz", "/metrics"]) {
    app.all(path, (context) => context.text("only GET is allowed here\n", 405, { Allow: "GET, HEAD" }));
  }
  app.notFound((context) => context.text("there is nothing here: see /webhook, /healthz, /metrics\n", 404));
  app.onError((thrown, context) => {
    log(`a request failed: ${thrown.message}`);
    return context.text("an internal error\n", 500);
  });
  return app;
}
