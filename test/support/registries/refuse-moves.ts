import type { Fault, SeenRequest } from "./fault-proxy.js";

export interface RefusedMoves {
  /** What happens to a request. */
  readonly rule: (request: SeenRequest) => Fault | undefined;
  /** Tags that were to be moved. */
  readonly refused: readonly string[];
}

/** As a registry with immutable tags: each can be put once, and with `keeps` never be removed. ECR answers 400, Harbor 412, others 409. */
export function refuseMoves(status: number, keeps = false): RefusedMoves {
  const there = new Set<string>();
  const refused: string[] = [];
  const fault: Fault = {
    kind: "status",
    status,
    headers: { "content-type": "application/json" },
    body: '{"errors":[{"code":"TAG_INVALID","message":"the tag is immutable"}]}',
  };
  const rule = ({ method, url }: SeenRequest): Fault | undefined => {
    // A digest has a colon.
    const tag = /\/manifests\/([^/:?]+)$/.exec(url)?.[1];
    if (tag === undefined) return undefined;
    if (method === "DELETE") {
      if (keeps) return fault;
      there.delete(tag);
    } else if (method === "PUT") {
      if (there.has(tag)) {
        refused.push(tag);
        return fault;
      }
      there.add(tag);
    }
    return undefined;
  };
  return { rule, refused };
}
