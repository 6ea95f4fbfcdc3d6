import type { CampaignPorts } from '@mosaicme/campaigns';
import { objectKeys, queueRoles, type QueueRole } from '@mosaicme/contracts';
import { connectRabbitAdmin, type MessagingAdmin } from '@mosaicme/messaging';
import { connectStore, brokerOf } from '@mosaicme/pipeline';
import { requestStates, type RequestState } from '@mosaicme/requests';
import { createLogger, version, type Logger } from '@mosaicme/service';
import { Argument, InvalidArgumentError, Option, type Command } from 'commander';
import {
  queueRole,
  readBrokerConfig,
  readOperatorConfig,
  readStoreConfig,
  type Environment,
} from './config';
import {
  closeCampaign,
  openCampaign,
  replaceCampaign,
  setCampaign,
  showCampaign,
  showCampaigns,
} from './campaigns';
import { dropLetters, listLetters, replayLetters, showLetter, type Choice } from './dead';
import { showQueues } from './queues';
import { reconcileOnce } from './reconcile';
import { findRequests, formatRequests } from './requests';
import { decideId, formatWithdrawal, withdrawTarget, type WithdrawOptions } from './withdraw';
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';

const variables = `
Reads the variables of the apps (docs/configuration.md): RABBITMQ_*, QUEUE_* for the broker,
S3_*, BUCKET_* for the store. docs/operations.md says when to use which command.`;

interface JsonFlag {
  readonly json: boolean;
}

interface ChoiceFlags {
  readonly all: boolean;
  readonly code?: string;
}

/** Adds the commands of an operator. */
export function addOperatorCommands(
  program: Command,
  environment: Environment,
  print: (text: string) => void,
): void {
  program
    .command('queues')
    .description('what waits, who consumes, what is dead')
    .option('--json', 'for programs', false)
    .option(
      '--oldest',
      'also the age of the first message of each work queue; each look counts as one of the 20 deliveries of that message',
      false,
    )
    .addHelpText('after', variables)
    .action((options: JsonFlag & { readonly oldest: boolean }) =>
      withBroker(readBrokerConfig(environment), async ({ admin }) =>
        print(await showQueues(admin, options)),
      ),
    );

  addDeadCommands(program, environment, print);

  addCampaignCommands(program, environment, print);

  addDecisionCommands(program, environment, print);

  program
    .command('requests')
    .description('every request with its state and age, newest first')
    .addOption(new Option('--state <state>', 'only these').choices([...requestStates]))
    .option('--limit <n>', 'at most so many', countOf, 50)
    .option('--json', 'for programs', false)
    .addHelpText('after', variables)
    .action(
      async (options: JsonFlag & { readonly state?: RequestState; readonly limit: number }) => {
        const config = readStoreConfig(environment);
        const store = connectStore(config);
        try {
          const keys = objectKeys(config.buckets);
          const report = await findRequests({ store, keys, buckets: config.buckets }, options);
          print(
            options.json
              ? JSON.stringify(report, undefined, 2)
              : formatRequests(report, new Date()),
          );
        } finally {
          await store.close();
        }
      },
    );

  program
    .command('reconcile')
    .description('republish what lost its message; janitor does so by itself')
    .option('--age <seconds>', 'leave younger work alone (default: RECONCILE_AGE_SECONDS)', countOf)
    .option('--json', 'for programs', false)
    .addHelpText('after', variables)
    .action(async ({ age, json }: JsonFlag & { readonly age?: number }) => {
      const config = readOperatorConfig(environment);
      const seconds = age ?? config.reconciliation.ageSeconds;
      const done = await reconcileOnce(config, seconds, operatorLogger());
      print(
        json
          ? JSON.stringify(done)
          : `Republished: ${done.requests} requests, ${done.rawPhotos} raw photos.`,
      );
    });
}

function addCampaignCommands(
  program: Command,
  environment: Environment,
  print: (text: string) => void,
): void {
  const campaign = program.command('campaign').description('events and communities');
  const withCampaigns = async (work: (ports: CampaignPorts) => Promise<string>): Promise<void> => {
    const { buckets, ...config } = readStoreConfig(environment);
    const store = connectStore(config);
    try {
      print(await work({ store, buckets, keys: objectKeys(buckets) }));
    } finally {
      await store.close();
    }
  };

  campaign
    .command('list')
    .description('all of them with their states')
    .option('--json', 'for programs', false)
    .addHelpText('after', variables)
    .action((options: JsonFlag) => withCampaigns((ports) => showCampaigns(ports, options)));

  campaign
    .command('show')
    .description('one of them, as JSON')
    .argument('<slug>')
    .addHelpText('after', variables)
    .action((slug: string) => withCampaigns((ports) => showCampaign(ports, slug)));

  campaign
    .command('set')
    .description('change fields, or make a campaign as a draft')
    .argument('<slug>', 'its name in addresses: lower-case letters, digits and hyphens')
    .argument(
      '[settings...]',
      "FIELD=VALUE, such as title='Our fair' hashtags.x.requests=wall,fair style.cells=48",
    )
    .option('--from <file>', 'replace the whole record by this JSON file, - for standard input')
    .addHelpText('after', variables)
    .action((slug: string, settings: string[], { from }: { readonly from?: string }) =>
      withCampaigns(async (ports) => {
        if (from !== undefined) {
          const json = from === '-' ? await text(process.stdin) : await readFile(from, 'utf8');
          await replaceCampaign(ports, slug, json);
        }
        if (settings.length > 0) await setCampaign(ports, slug, settings);
        return showCampaign(ports, slug);
      }),
    );

  campaign
    .command('open')
    .description('take requests from now on, or from a moment on')
    .argument('<slug>')
    .option('--at <time>', 'ISO 8601 with an offset, such as 2026-06-01T09:00:00+02:00')
    .addHelpText('after', variables)
    .action((slug: string, { at }: { readonly at?: string }) =>
      withCampaigns(async (ports) => {
        await openCampaign(ports, slug, at);
        return showCampaign(ports, slug);
      }),
    );

  campaign
    .command('close')
    .description('take no more requests; what was made stays')
    .argument('<slug>')
    .option('--at <time>', 'ISO 8601 with an offset')
    .addHelpText('after', variables)
    .action((slug: string, { at }: { readonly at?: string }) =>
      withCampaigns(async (ports) => {
        await closeCampaign(ports, slug, at);
        return showCampaign(ports, slug);
      }),
    );
}

function addDecisionCommands(
  program: Command,
  environment: Environment,
  print: (text: string) => void,
): void {
  const me = environment['USER'] ?? 'operator';
  program
    .command('withdraw')
    .description('take a photo out of everything for good: requests, tiles, mosaics, our answer')
    .argument(
      '<target>',
      'link of a post, network:instance:post, network:@handle for all of an author, or an id',
    )
    .requiredOption('--why <reason>', 'for the record')
    .option('--by <name>', 'who decided (default: your user name)')
    .option('--no-wait', 'return when it is recorded, not when it is carried out')
    .option('--json', 'for programs', false)
    .addHelpText('after', variables)
    .action(
      async (
        target: string,
        options: JsonFlag & Omit<WithdrawOptions, 'by'> & { readonly by?: string },
      ) => {
        const config = readOperatorConfig(environment);
        const report = await withdrawTarget(
          config,
          target,
          { by: me, ...options },
          operatorLogger(),
        );
        print(options.json ? JSON.stringify(report, undefined, 2) : formatWithdrawal(report));
      },
    );

  program
    .command('decide')
    .description('hold, approve or reject a request or a raw photo')
    .addArgument(new Argument('<verb>', 'what').choices(['hold', 'approve', 'reject']))
    .argument('<id>', 'of the request or the raw photo')
    .requiredOption('--why <reason>', 'for the record')
    .option('--by <name>', 'who decided (default: your user name)')
    .addHelpText('after', variables)
    .action(
      async (
        verb: 'hold' | 'approve' | 'reject',
        id: string,
        options: { readonly by?: string; readonly why: string },
      ) => {
        const config = readOperatorConfig(environment);
        await decideId(config, id, { verb, by: me, ...options }, operatorLogger());
        print(`Recorded: ${verb} ${id}. janitor carries it out.`);
      },
    );
}

function addDeadCommands(
  program: Command,
  environment: Environment,
  print: (text: string) => void,
): void {
  const dead = program.command('dead').description('dead-lettered messages');
  const queueArgument = () =>
    new Argument('QUEUE', `a queue by its name, or ${queueRoles.join(', ')}`);
  const choiceOf = (ids: readonly string[], { code, all }: ChoiceFlags): Choice => ({
    ids,
    code,
    all,
  });

  dead
    .command('list')
    .description('oldest first; they stay where they are')
    .addArgument(queueArgument().argOptional())
    .option('--limit <n>', 'at most so many of each queue', countOf, 50)
    .option('--json', 'for programs, with the whole messages', false)
    .addHelpText('after', variables)
    .action((named: string | undefined, options: JsonFlag & { readonly limit: number }) =>
      withBroker(readBrokerConfig(environment), async ({ admin, names }) => {
        const roles: readonly QueueRole[] =
          named === undefined ? queueRoles : [queueRole(named, names)];
        print(await listLetters(admin, roles, names, options));
      }),
    );

  dead
    .command('show')
    .description('one letter with its message and its history')
    .addArgument(queueArgument())
    .argument('<id>', 'from dead list')
    .option('--json', 'for programs', false)
    .addHelpText('after', variables)
    .action((named: string, id: string, options: JsonFlag) =>
      withBroker(readBrokerConfig(environment), async ({ admin, names }) =>
        print(await showLetter(admin, queueRole(named, names), names, id, options)),
      ),
    );

  dead
    .command('replay')
    .description('send letters back to work; their requests count as open again')
    .addArgument(queueArgument())
    .argument('[ids...]', 'from dead list')
    .option('--code <code>', 'only letters with this code')
    .option('--all', 'every letter of the queue', false)
    .addHelpText('after', variables)
    .action((named: string, ids: string[], flags: ChoiceFlags) => {
      const config = readOperatorConfig(environment);
      return withBroker(config, async ({ admin, names }) => {
        const store = connectStore(config);
        try {
          const ports = { store, keys: objectKeys(config.buckets) };
          const role = queueRole(named, names);
          const moved = await replayLetters(admin, ports, role, names, choiceOf(ids, flags));
          print(`Sent back to ${names[role]}: ${moved}.`);
        } finally {
          await store.close();
        }
      });
    });

  dead
    .command('drop')
    .description('delete letters for good; their requests stay failed')
    .addArgument(queueArgument())
    .argument('[ids...]', 'from dead list')
    .option('--code <code>', 'only letters with this code')
    .option('--all', 'every letter of the queue', false)
    .requiredOption('--yes', 'yes, for good')
    .addHelpText('after', variables)
    .action((named: string, ids: string[], flags: ChoiceFlags) =>
      withBroker(readBrokerConfig(environment), async ({ admin, names }) => {
        const role = queueRole(named, names);
        const dropped = await dropLetters(admin, role, names, choiceOf(ids, flags));
        print(`Deleted from the dead letters of ${names[role]}: ${dropped}.`);
      }),
    );
}

async function withBroker(
  config: ReturnType<typeof readBrokerConfig>,
  work: (broker: {
    readonly admin: MessagingAdmin;
    readonly names: Readonly<Record<QueueRole, string>>;
  }) => Promise<void>,
): Promise<void> {
  const admin = await connectRabbitAdmin({
    ...brokerOf(config),
    connectionName: 'mosaicme operator',
    logger: operatorLogger(),
  });
  try {
    await work({ admin, names: config.queues });
  } finally {
    await admin.close();
  }
}

/** Only what a person must know, beside the output and not in it. */
const operatorLogger = (): Logger =>
  createLogger({ app: 'mosaicme', version, level: 'warn', destination: process.stderr });

function countOf(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected a whole number.');
}
