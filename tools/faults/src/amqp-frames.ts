/** What a harness needs to know of AMQP 0-9-1 traffic: where each frame ends, and a few methods. */

/** A method that passed, in the words of the protocol. */
export type AmqpMethod =
  | { readonly name: 'publish'; readonly routingKey: string }
  | { readonly name: 'deliver' | 'ack' | 'reject' | 'nack' | 'close channel' }
  | { readonly name: 'other' };

export interface AmqpFrame {
  readonly method: AmqpMethod;
  /** The number of its channel; 0 for the connection as a whole. */
  readonly channel: number;
  /** The bytes of the frame. */
  readonly bytes: Buffer;
}

const headerBytes = 7;
const methodFrame = 1;
const channelClass = 20;
const closeMethod = 40;
const basicClass = 60;
const publishMethod = 40;
const plainMethods = new Map([
  [60, 'deliver'],
  [80, 'ack'],
  [90, 'reject'],
  [120, 'nack'],
] as const);

/**
 * Cuts one direction of a connection into frames. The protocol header that a client sends first comes
 * out as a frame too.
 *
 * @returns A function that takes bytes and gives the frames that they complete.
 */
export function createFrameReader(): (bytes: Buffer) => AmqpFrame[] {
  let rest: Buffer = Buffer.alloc(0);
  return (bytes) => {
    rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    const frames: AmqpFrame[] = [];
    for (;;) {
      const size = frameSize(rest);
      if (size === undefined || rest.length < size) return frames;
      const frame = rest.subarray(0, size);
      rest = rest.subarray(size);
      frames.push({ method: methodOf(frame), channel: channelOf(frame), bytes: frame });
    }
  };
}

/** The length of the frame that begins here; undefined while its header is not whole. */
function frameSize(bytes: Buffer): number | undefined {
  if (bytes.length > 0 && bytes[0] === 'A'.charCodeAt(0)) return 8;
  // Type, channel, size; behind the payload stands an end mark of one byte.
  return bytes.length < headerBytes ? undefined : headerBytes + bytes.readUInt32BE(3) + 1;
}

const isMethod = (frame: Buffer): boolean =>
  frame[0] === methodFrame && frame.length >= headerBytes + 4;

const channelOf = (frame: Buffer): number => (isMethod(frame) ? frame.readUInt16BE(1) : 0);

function methodOf(frame: Buffer): AmqpMethod {
  if (!isMethod(frame)) return { name: 'other' };
  const classId = frame.readUInt16BE(headerBytes);
  const method = frame.readUInt16BE(headerBytes + 2);
  if (classId === channelClass && method === closeMethod) return { name: 'close channel' };
  if (classId !== basicClass) return { name: 'other' };
  for (const [number, name] of plainMethods) if (method === number) return { name };
  if (method !== publishMethod) return { name: 'other' };
  // A reserved number of two bytes, then exchange and routing key as strings with a length byte.
  const exchangeAt = headerBytes + 6;
  const keyAt = exchangeAt + 1 + (frame[exchangeAt] ?? 0);
  const keyLength = frame[keyAt] ?? 0;
  const routingKey = frame.subarray(keyAt + 1, keyAt + 1 + keyLength).toString('utf8');
  return { name: 'publish', routingKey };
}
