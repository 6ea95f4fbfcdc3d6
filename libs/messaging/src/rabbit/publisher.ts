import { TransientError } from '@mosaicme/errors';
import type { ConfirmChannel, Message, Options } from 'amqplib';
import { randomUUID } from 'node:crypto';
import { unroutableError } from '../checks';
import type { Headers } from '../trail';
import { closeQuietly, watch } from './breakage';
import type { Connection } from './connection';
import type { Breakable } from './supervise';

/** A message on its way to the broker. */
export interface Outgoing {
  /** '' is the default exchange, whose routing keys are queue names. */
  readonly exchange: string;
  readonly routingKey: string;
  readonly content: Uint8Array;
  /** Must reach a queue. */
  readonly mandatory: boolean;
  readonly headers: Headers;
  readonly properties: Pick<
    Options.Publish,
    'messageId' | 'correlationId' | 'type' | 'timestamp' | 'appId'
  >;
}

/** The channel went before the broker answered: it may or may not have the message. Send it again. */
export class ChannelLost extends Error {
  override readonly name = 'ChannelLost';
}

export interface PublisherChannel extends Breakable {
  /**
   * Sends a message and waits for the broker's confirmation.
   *
   * @throws TransientError `messaging.refused`, `messaging.unroutable`; ChannelLost.
   */
  send(message: Outgoing): Promise<void>;
}

/** Tells publishes apart: event ids do not, an event may be published twice at the same time. */
const publishIdHeader = 'x-mosaicme-publish';

/**
 * Opens a channel in confirm mode.
 *
 * @param onUnroutable Called when a mandatory message reached no queue.
 */
export async function openPublisher(
  { model }: Connection,
  onUnroutable: () => void,
): Promise<PublisherChannel> {
  const channel = await model.createConfirmChannel();
  const { broken, fail } = watch(channel);
  const returned = new Set<string>();
  channel.on('return', ({ properties }: Message) => {
    returned.add(String(properties.headers?.[publishIdHeader]));
  });

  const send = async (message: Outgoing) => {
    const publishId = randomUUID();
    await confirmed(channel, message, publishId, fail);
    // The broker returns a message before it confirms it.
    if (!returned.delete(publishId)) return;
    onUnroutable();
    throw unroutableError(message.exchange, message.routingKey);
  };
  return { send, broken, close: async () => void (await closeQuietly(channel)) };
}

function confirmed(
  channel: ConfirmChannel,
  message: Outgoing,
  publishId: string,
  fail: (reason: unknown) => void,
): Promise<void> {
  const { exchange, routingKey, content, mandatory, headers, properties } = message;
  return new Promise((resolve, reject) => {
    const onAnswer = (error: unknown) => {
      if (!error) resolve();
      else if (isNack(error)) reject(refusedError(exchange, routingKey, error));
      else reject(new ChannelLost('The channel went before the confirmation.', { cause: error }));
    };
    const options = {
      ...properties,
      mandatory,
      persistent: true,
      contentType: 'application/cloudevents+json',
      headers: { ...headers, [publishIdHeader]: publishId },
    };
    try {
      // The answer `false` (the socket's buffer is full) needs no care: every caller waits for its
      // confirmation, which bounds what is in flight.
      channel.publish(exchange, routingKey, Buffer.from(content), options, onAnswer);
    } catch (error) {
      // amqplib refuses to encode some messages, which no other channel would change.
      if (error instanceof RangeError || error instanceof TypeError) return reject(error);
      // Closed or closing. The supervisor must know at once, or the sender would be given this
      // channel again and again.
      fail(error);
      onAnswer(error);
    }
  });
}

const isNack = (error: unknown) => error instanceof Error && error.message === 'message nacked';

const refusedError = (exchange: string, routingKey: string, cause: unknown) =>
  new TransientError(
    'messaging.refused',
    `The broker refused a message for '${routingKey}' (exchange '${exchange}'). A queue may be full ` +
      'or without its majority; look at the broker.',
    { cause },
  );
