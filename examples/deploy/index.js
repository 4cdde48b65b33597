// @ts-check
// Apply it with: pulumi stack output deployment | kubectl apply -f -
const pulumi = require("@pulumi/pulumi");

const config = new pulumi.Config();
const images = new pulumi.StackReference(config.require("images"));
const image = images.requireOutput("ref"); // repository@sha256:…, so what runs is what was previewed

/** JSON is valid YAML, and kubectl accepts either. */
exports.deployment = pulumi.jsonStringify(
  {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web" },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: "web" } },
      template: {
        metadata: { labels: { app: "web" } },
        spec: {
          // The image's user is a number, so Kubernetes can tell that it is not root.
          securityContext: { runAsNonRoot: true },
          containers: [{ name: "web", image, securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true } }],
        },
      },
    },
  },
  undefined,
  2,
);
