#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { descendantsCommand } from "./descendants/command.js";
import { statusCommand } from "./status/command.js";
import { verifyCommand } from "./verify/command.js";
import { vexCommand } from "./vex/command.js";
import { watchCommand } from "./watch/command.js";

const { version } = JSON.parse(readFileSync(join(__dirname, "..", "..", "package.json"), "utf8")) as { readonly version: string };

void new Command("pulumi-dhi")
  .description("Customized hardened container images as Pulumi resources")
  .version(version)
  .addCommand(statusCommand())
  .addCommand(watchCommand())
  .addCommand(descendantsCommand())
  .addCommand(verifyCommand())
  .addCommand(vexCommand())
  .parseAsync();
