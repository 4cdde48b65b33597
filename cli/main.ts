#!/usr/bin/env node
import { Command } from "commander";
import { watchCommand } from "./watch/command.js";

const program = new Command("pulumi-dhi")
  .description("customized hardened container images as Pulumi resources")
  .addCommand(watchCommand());

void program.parseAsync();
