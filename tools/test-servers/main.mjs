#!/usr/bin/env node
// node tools/test-servers/main.mjs                    starts the servers, prints their URLs, runs until Ctrl-C
// node tools/test-servers/main.mjs -- COMMAND ARGS    runs a command with the URLs in its environment
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { loadTestServers } from './load.mjs';

const usage = 'usage: node tools/test-servers/main.mjs [-- COMMAND [ARGUMENT …]]';

/** The command after `--`, undefined when there is none. */
function commandOf(parameters) {
  if (parameters.length === 0) return undefined;
  const [separator, ...command] = parameters;
  if (separator !== '--' || command.length === 0) throw new Error(usage);
  return command;
}

/** Resolves when somebody wants this process to end. */
function untilAsked() {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, resolve);
    process.stdin.once('end', resolve).once('error', resolve).resume();
  });
}

/** Runs a command to its end; its exit code, by the shell's rule 128 + n for a signal. */
async function run([program, ...parameters], variables) {
  const child = spawn(program, parameters, {
    stdio: 'inherit',
    env: { ...process.env, ...variables },
  });
  // The terminal sends Ctrl-C to the child too; we outlive it to stop the servers.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  const [code, signal] = await once(child, 'exit');
  return code ?? 128 + constants.signals[signal];
}

async function main() {
  const command = commandOf(process.argv.slice(2));
  const { startTestServers } = await loadTestServers();
  const servers = await startTestServers();
  try {
    if (command) return await run(command, servers.variables);
    for (const [name, url] of Object.entries(servers.variables)) console.log(`${name}=${url}`);
    await untilAsked();
    return 0;
  } finally {
    await servers.stop();
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
// A terminal on standard input would keep the process.
process.stdin.unref?.();
