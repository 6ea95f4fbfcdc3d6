import { PermanentError } from '@mosaicme/errors';
import { z } from 'zod';
import { eventDefinitions, isEventType, type EventData, type EventType } from './events';
import { childTraceparent, newTraceparent } from './ids';

/** The CloudEvents 1.0 envelope, JSON format, with the distributed tracing extension. */
export const envelopeSchema = z.object({
  specversion: z.literal('1.0'),
  id: z.string().min(1).max(512),
  /** The app that made the event, for example `/mosaicme/engine`. */
  source: z.string().min(1).max(256),
  type: z.string().min(1).max(128),
  /** The id that the event is about. */
  subject: z.string().min(1).max(256),
  time: z.iso.datetime(),
  datacontenttype: z.literal('application/json'),
  /** W3C Trace Context. */
  traceparent: z.string().regex(/^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/),
  /** One id from post to answer, in every log line. */
  correlationid: z.string().min(1).max(256),
  data: z.unknown(),
});

type Envelope = Omit<z.infer<typeof envelopeSchema>, 'type' | 'data'>;

/** An event of one type: envelope and data. */
export type EventOf<Type extends EventType> = Type extends EventType
  ? Envelope & { type: Type; data: EventData<Type> }
  : never;

/** Any event of the system; narrow it by `type`. */
export type MosaicmeEvent = EventOf<EventType>;

/** A message that is no valid event of this system. Permanent: it will not become valid. */
export class ContractViolation extends PermanentError {
  override readonly name = 'ContractViolation';
  constructor(message: string, options?: ErrorOptions) {
    super('contract.violated', message, options);
  }
}

/**
 * Makes an event. Its id is derived from type and subject, so that a handler that runs twice announces
 * the same event twice and not two events.
 *
 * @param options.app Name of the app that speaks.
 * @param options.subject What the event is about; the request id for everything about a mosaic.
 * @param options.cause The event that led to this one; trace and correlation continue it.
 * @param options.key Tells events of one type about one subject apart (a heartbeat's count).
 * @throws ContractViolation when `data` does not fit the type.
 */
export function createEvent<Type extends EventType>(
  type: Type,
  data: EventData<Type>,
  options: {
    app: string;
    subject: string;
    cause?: MosaicmeEvent | undefined;
    key?: string;
    now?: Date;
  },
): EventOf<Type> {
  const event = {
    specversion: '1.0',
    id: [type, options.subject, options.key].filter((part) => part !== undefined).join('/'),
    source: `/mosaicme/${options.app}`,
    type,
    subject: options.subject,
    time: (options.now ?? new Date()).toISOString(),
    datacontenttype: 'application/json',
    traceparent: options.cause ? childTraceparent(options.cause.traceparent) : newTraceparent(),
    correlationid: options.cause?.correlationid ?? options.subject,
    data,
  };
  return checkEvent(event) as EventOf<Type>;
}

/** The bytes of an event as they go over the wire: UTF-8 JSON. */
export function serializeEvent(event: MosaicmeEvent): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(event));
}

/**
 * Reads an event from the wire.
 *
 * @throws ContractViolation naming what is wrong: no JSON, no envelope, unknown type, bad data.
 */
export function parseEvent(bytes: Uint8Array): MosaicmeEvent {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new ContractViolation('The message is not UTF-8 JSON.', { cause });
  }
  return checkEvent(json);
}

function checkEvent(value: unknown): MosaicmeEvent {
  const envelope = envelopeSchema.safeParse(value);
  if (!envelope.success) {
    throw new ContractViolation(`The message is no CloudEvent: ${describe(envelope.error)}.`);
  }
  const type: string = envelope.data.type;
  if (!isEventType(type)) {
    throw new ContractViolation(
      `The event type '${type}' is unknown here; known are ${Object.keys(eventDefinitions).join(', ')}.`,
    );
  }
  const data = eventDefinitions[type].data.safeParse(envelope.data.data);
  if (!data.success) {
    throw new ContractViolation(
      `The data of '${type}' break the contract: ${describe(data.error)}.`,
    );
  }
  return { ...envelope.data, type, data: data.data } as MosaicmeEvent;
}

function describe(error: z.ZodError): string {
  return error.issues
    .map((issue) => `${issue.path.join('.') || 'message'}: ${issue.message}`)
    .join('; ');
}
