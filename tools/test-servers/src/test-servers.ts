import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeServersFolder } from './folders';
import { canInstall, installPackages } from './install';
import { givenUrl, kindFacts, serverKinds, type Environment, type ServerKind } from './kinds';
import { findProgram, missingMessage, missingPrograms, packagesFor } from './programs';
import { startRabbitmq } from './rabbitmq';
import { startRadosgw } from './radosgw';
import { startRedis } from './redis';
import { foreignServer, type OwnedServer, type TestServer } from './server';

export interface TestServersOptions {
  /** Where the variables are read from; `process.env` unless given. */
  readonly environment?: Environment;
  /** Hears what takes time, a line each; standard error unless given. */
  readonly say?: (line: string) => void;
}

export interface TestServers extends Readonly<Record<ServerKind, TestServer>> {
  readonly amqpUrl: string;
  readonly s3Url: string;
  readonly redisUrl: string;
  /** The variables by which tests find the servers. */
  readonly variables: Readonly<Record<string, string>>;
  /** Ends all servers that were started here and removes their folders. */
  stop(): Promise<void>;
}

const starters: Readonly<Record<ServerKind, (folder: string) => Promise<OwnedServer>>> = {
  amqp: startRabbitmq,
  s3: startRadosgw,
  redis: startRedis,
};

/**
 * Gets the real servers that the tests need: those given by their variables; else, as private child
 * processes on free ports, those whose programs are installed; else it installs them, where it may.
 * The servers end with this process, even when it is killed.
 *
 * @throws Error that names everything that is missing and how to get it.
 */
export async function startTestServers(options: TestServersOptions = {}): Promise<TestServers> {
  const environment = options.environment ?? process.env;
  const say = options.say ?? ((line: string) => process.stderr.write(`${line}\n`));
  const own = serverKinds.filter((kind) => givenUrl(kind, environment) === undefined);
  await providePrograms(own, environment, say);

  const folder = own.length === 0 ? undefined : await makeServersFolder();
  const started = await Promise.allSettled(
    serverKinds.map(async (kind) => {
      const url = givenUrl(kind, environment);
      if (url !== undefined) return foreignServer(url);
      const server = await (folder && starters[kind](join(folder, kind)));
      if (!server) throw new Error(`${kindFacts[kind].title} has no folder.`);
      return server;
    }),
  );
  const running = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const stop = async (): Promise<void> => {
    await Promise.all(running.map((server) => server.close()));
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  };

  const failures = started.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  const [amqp, s3, redis] = running;
  if (failures.length > 0 || !amqp || !s3 || !redis) {
    await stop();
    throw new AggregateError(
      failures,
      `The test servers did not start:\n${failures.map(describe).join('\n')}`,
    );
  }
  return {
    amqp,
    s3,
    redis,
    amqpUrl: amqp.url,
    s3Url: s3.url,
    redisUrl: redis.url,
    variables: {
      [kindFacts.amqp.variable]: amqp.url,
      [kindFacts.s3.variable]: s3.url,
      [kindFacts.redis.variable]: redis.url,
    },
    stop,
  };
}

/** Sees to it that the programs of these servers are installed. */
async function providePrograms(
  kinds: readonly ServerKind[],
  environment: Environment,
  say: (line: string) => void,
): Promise<void> {
  const look = () =>
    missingPrograms(kinds, (program) => findProgram(program, environment) !== undefined);
  const missing = look();
  if (missing.length === 0) return;
  if (!canInstall()) throw new Error(missingMessage(missing));
  const packages = packagesFor(missing);
  say(`Installing the servers that the tests need (once): ${packages.join(' ')} …`);
  await installPackages(packages);
  const still = look();
  if (still.length > 0) throw new Error(missingMessage(still));
}

const describe = (reason: unknown): string =>
  reason instanceof Error ? reason.message : String(reason);
