import { askHealth } from '@mosaicme/service';
import { dirname, join } from 'node:path';
import { demoCredentials, startSimulator } from './index';

/**
 * Starts the simulator from environment variables: SIMULATOR_HOST, SIMULATOR_PORT, SIMULATOR_PUBLIC_URL,
 * SIMULATOR_PAGE_DIR (by default the folder `page` beside this file), SIMULATOR_ENTERPRISE, and the bot's
 * TWITTER_USERNAME, TWITTER_CONSUMER_KEY, … with which a client must log in. The page proposes
 * MOSAIC_LISTEN_HASHTAG. With the word `health` it asks the one that runs whether it answers.
 */
async function main(): Promise<void> {
  const env = process.env;
  const port = Number(env['SIMULATOR_PORT'] || 8081);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new RangeError(
      `SIMULATOR_PORT must be a port, 0 to 65535; it is '${env['SIMULATOR_PORT']}'.`,
    );
  }
  const host = env['SIMULATOR_HOST'] || '127.0.0.1';
  if (process.argv[2] === 'health') {
    process.stdout.write(await askHealth({ healthHost: host, healthPort: port }, '/healthz'));
    return;
  }
  const publicUrl = env['SIMULATOR_PUBLIC_URL'];
  const simulator = await startSimulator({
    host,
    port,
    ...(publicUrl && { publicUrl }),
    pageDir: env['SIMULATOR_PAGE_DIR'] || join(dirname(process.argv[1] ?? '.'), 'page'),
    botHandle: (env['TWITTER_USERNAME'] || 'mosaicme').replace(/^@/, ''),
    hashtag: (env['MOSAIC_LISTEN_HASHTAG'] || 'mosaicme').replace(/^#/, ''),
    enterprise: env['SIMULATOR_ENTERPRISE'] === 'true',
    credentials: {
      consumerKey: env['TWITTER_CONSUMER_KEY'] || demoCredentials.consumerKey,
      consumerSecret: env['TWITTER_CONSUMER_SECRET'] || demoCredentials.consumerSecret,
      accessToken: env['TWITTER_ACCESS_TOKEN'] || demoCredentials.accessToken,
      accessTokenSecret: env['TWITTER_ACCESS_TOKEN_SECRET'] || demoCredentials.accessTokenSecret,
    },
  });
  console.log(`The social simulator is at ${simulator.url} (the bot is @${simulator.botHandle}).`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void simulator.close());
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
