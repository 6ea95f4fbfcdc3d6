import { topology } from '@mosaicme/contracts';
import { declarations, type Declaration } from './declarations';

const layout = topology({ retryPausesMs: [1_000, 5_000], deliveryLimit: 7 });
const declared = declarations(layout);
const queues = declared.filter((item) => item.kind === 'queue');
const argumentsOf = (name: string) => queues.find((queue) => queue.name === name)?.arguments;
const toQueue = (name: string) => ({
  'x-dead-letter-exchange': '',
  'x-dead-letter-routing-key': name,
  'x-dead-letter-strategy': 'at-least-once',
  'x-overflow': 'reject-publish',
});

describe('the declarations of a topology', () => {
  it('begin with the topic exchange', () => {
    expect(declared[0]).toEqual({ kind: 'exchange', name: 'mosaicme', type: 'topic' });
  });

  it('make a work queue a quorum queue with a delivery limit that dead-letters at least once', () => {
    expect(argumentsOf('mosaic-raw')).toEqual({
      'x-queue-type': 'quorum',
      'x-delivery-limit': 7,
      ...toQueue('mosaic-raw.dead'),
    });
  });

  it('make a retry queue for each pause, which leads back to the work queue', () => {
    expect(argumentsOf('mosaic-raw.retry.5000')).toEqual({
      'x-queue-type': 'quorum',
      'x-message-ttl': 5_000,
      ...toQueue('mosaic-raw'),
    });
  });

  it('let nothing ever drop a dead letter', () => {
    expect(argumentsOf('mosaic-raw.dead')).toEqual({
      'x-queue-type': 'quorum',
      'x-delivery-limit': 1_000_000_000,
    });
  });

  it('bind every work event to its queues', () => {
    const bindings = declared
      .filter((item) => item.kind === 'binding')
      .map(({ queue, exchange, routingKey }) => `${exchange} ${routingKey} ${queue}`);

    expect(bindings).toEqual([
      'mosaicme photo.collected.v1 mosaic-raw',
      'mosaicme mosaic.requested.v1 mosaic-in',
      'mosaicme mosaic.prepared.v1 mosaic-eng',
      'mosaicme mosaic.rendered.v1 mosaic-finish',
      'mosaicme mosaic.published.v1 mosaic-answer',
      'mosaicme mosaic.withdrawn.v1 mosaic-answer',
      'mosaicme mosaic.published.v1 mosaic-done',
      'mosaicme mosaic.answered.v1 mosaic-done',
      'mosaicme mosaic.withdrawn.v1 mosaic-done',
      'mosaicme decision.recorded.v1 mosaic-janitor',
    ]);
  });

  it('declare the dead-letter queue before the queue that sends there', () => {
    const position = (wanted: string) =>
      declared.findIndex((item: Declaration) => item.kind === 'queue' && item.name === wanted);

    for (const { name, deadLetterQueue } of layout.queues) {
      expect(position(deadLetterQueue)).toBeLessThan(position(name));
    }
  });
});
