import fc from "fast-check";
import { describe, it } from "mocha";
import { WatchMetrics } from "../../../cli/watch/metrics.js";
import { formatMetrics } from "../../../cli/watch/metrics-text.js";
import { expect } from "../../support/expectations.js";

describe("metrics", () => {
  it("have a line for each series, from zero on", () => {
    const metrics = new WatchMetrics(["dev"]);
    expect(metrics.format()).to.not.include("last_success_timestamp_seconds{");
    metrics.started("dev");
    metrics.ended("dev", "failed", 5_000, 1500);
    metrics.ended("dev", "changed", 1_700_000_000_500, 2500);
    metrics.notified("accepted");
    metrics.notified("too_large");
    const lines = metrics.format().split("\n");
    expect(lines.filter((line) => !line.startsWith("#"))).to.deep.equal([
      'pulumi_dhi_watch_runs_total{stack="dev",result="changed"} 1',
      'pulumi_dhi_watch_runs_total{stack="dev",result="unchanged"} 0',
      'pulumi_dhi_watch_runs_total{stack="dev",result="failed"} 1',
      'pulumi_dhi_watch_runs_total{stack="dev",result="cancelled"} 0',
      'pulumi_dhi_watch_running{stack="dev"} 0',
      'pulumi_dhi_watch_last_success_timestamp_seconds{stack="dev"} 1700000000.5',
      'pulumi_dhi_watch_failures{stack="dev"} 0',
      'pulumi_dhi_watch_run_duration_seconds_sum{stack="dev"} 4',
      'pulumi_dhi_watch_run_duration_seconds_count{stack="dev"} 2',
      'pulumi_dhi_watch_notifications_total{result="accepted"} 1',
      'pulumi_dhi_watch_notifications_total{result="ignored"} 0',
      'pulumi_dhi_watch_notifications_total{result="unauthorized"} 0',
      'pulumi_dhi_watch_notifications_total{result="invalid"} 0',
      'pulumi_dhi_watch_notifications_total{result="too_large"} 1',
      "",
    ]);
    for (const kind of ["runs_total counter", "running gauge", "run_duration_seconds summary"])
      expect(lines).to.include(`# TYPE pulumi_dhi_watch_${kind}`);
  });

  it("escape labels and help, so that any text is one line and can be read back", () => {
    const property = fc.property(fc.string({ unit: "binary" }), (text) => {
      const [help = "", , sample = "", ...rest] = formatMetrics([
        { name: "a", help: text, type: "gauge", samples: [{ labels: { stack: text }, value: 1 }] },
      ]).split("\n");
      expect(rest).to.deep.equal([""]);
      const unescape = (escaped: string): string => escaped.replace(/\\(.)/g, (_, one: string) => (one === "n" ? "\n" : one));
      const [, label = ""] = /^a\{stack="((?:[^"\\]|\\["\\n])*)"\} 1$/.exec(sample) ?? [];
      expect(unescape(label)).to.equal(text);
      expect(unescape(help.slice("# HELP a ".length))).to.equal(text);
    });
    fc.assert(property, { examples: [['a"b\\c\nd\\n']] });
  });
});
