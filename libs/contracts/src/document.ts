import { z } from 'zod';
import { envelopeSchema } from './envelope';
import { eventDefinitions, eventTypes } from './events';
import { defaultBucketNames, drawingRefs, objectKeys, prefixes, type BucketRole } from './keys';
import { mustBeRouted, topology } from './topology';

const bucketUse: Readonly<Record<BucketRole, string>> = {
  in: 'requests as they were posted, decisions, failures, campaigns, cursors of the collectors',
  raw: 'raw photos as they were posted',
  outLarge: 'pictures of mosaics and their recipes',
  outSmall: 'thumbnails, records of mosaics, intents and outcomes of answers',
  tiles: 'tile packs and their manifest',
  work: 'what one app hands to the next; may expire',
};

/** docs/events.md, from schemas and topology. A test fails when the file differs from this. */
export function eventsDocument(): string {
  const layout = topology();
  const queuesOf = (type: string) =>
    layout.queues
      .filter(({ bindings }) => bindings.some((bound) => bound === type))
      .map(({ name }) => `\`${name}\``)
      .join(', ');
  const id = '<id>';
  return [
    '# Events, queues and objects',
    '',
    '<!-- Made by `npm run docs` from libs/contracts. Do not edit. -->',
    '',
    `All messages go to the topic exchange \`${layout.exchange}\`; the routing key is the type of the event.`,
    '',
    '## Events',
    '',
    '| type | meaning | queue |',
    '| --- | --- | --- |',
    ...eventTypes.map(
      (type) =>
        `| \`${type}\` | ${eventDefinitions[type].summary} | ${
          mustBeRouted(type) ? queuesOf(type) : 'whoever listens'
        } |`,
    ),
    '',
    '## Queues',
    '',
    '| queue | dead-letter queue | retry queues |',
    '| --- | --- | --- |',
    ...layout.queues.map(
      ({ name, deadLetterQueue, retryQueues }) =>
        `| \`${name}\` | \`${deadLetterQueue}\` | ${retryQueues
          .map((retry) => `\`${retry.name}\``)
          .join(', ')} |`,
    ),
    '',
    '## Buckets',
    '',
    '| bucket | holds |',
    '| --- | --- |',
    ...Object.entries(defaultBucketNames).map(
      ([role, name]) => `| \`${name}\` | ${bucketUse[role as BucketRole]} |`,
    ),
    '',
    '## Objects',
    '',
    'Ids are 32 hexadecimal digits. The id of a photo is derived from network, instance, post and picture,',
    'that of a request from campaign and photo; the mosaic and its answer have the id of the request.',
    '',
    '| object | bucket | key |',
    '| --- | --- | --- |',
    ...Object.entries(objectKeys(defaultBucketNames)).map(
      ([name, at]) => `| ${name} | \`${at(id).bucket}\` | \`${at(id).key}\` |`,
    ),
    ...Object.entries(
      drawingRefs(defaultBucketNames, { campaign: '<campaign>', id, revision: '<revision>' }),
    ).map(([name, { bucket, key }]) => `| ${name} | \`${bucket}\` | \`${key}\` |`),
    '',
    `Listed prefixes: ${Object.values(prefixes)
      .map((prefix) => `\`${prefix}\``)
      .join(', ')}.`,
    '',
    '## Schemas',
    '',
    'JSON Schema (2020-12) of the envelope, then of the `data` of each type.',
    '',
    ...schemaSection('Envelope', envelopeSchema),
    ...eventTypes.flatMap((type) => schemaSection(`\`${type}\``, eventDefinitions[type].data)),
  ].join('\n');
}

function schemaSection(title: string, schema: z.ZodType): string[] {
  return [
    `### ${title}`,
    '',
    '```json',
    JSON.stringify(z.toJSONSchema(schema, { io: 'input' }), null, 2),
    '```',
    '',
  ];
}
