import { createFrameReader } from './amqp-frames';

/** A method frame as AMQP 0-9-1 lays it out. */
function methodFrame(classId: number, methodId: number, body = Buffer.alloc(0)): Buffer {
  const payload = Buffer.concat([Buffer.from([0, classId, 0, methodId]), body]);
  const header = Buffer.alloc(7);
  header.writeUInt8(1, 0);
  header.writeUInt16BE(1, 1);
  header.writeUInt32BE(payload.length, 3);
  return Buffer.concat([header, payload, Buffer.from([0xce])]);
}

const shortString = (text: string) =>
  Buffer.concat([Buffer.from([text.length]), Buffer.from(text)]);
const publish = methodFrame(
  60,
  40,
  Buffer.concat([Buffer.from([0, 0]), shortString('mosaicme'), shortString('mosaic.rendered.v1')]),
);

it('reads the routing key of a publish', () => {
  const [frame] = createFrameReader()(publish);
  expect(frame?.method).toEqual({ name: 'publish', routingKey: 'mosaic.rendered.v1' });
});

it.each([
  [60, 60, 'deliver'],
  [60, 80, 'ack'],
  [60, 90, 'reject'],
  [60, 120, 'nack'],
  [20, 40, 'close channel'],
  [50, 80, 'other'],
  [10, 40, 'other'],
])('calls method %d.%d %s', (classId, methodId, name) => {
  expect(createFrameReader()(methodFrame(classId, methodId))[0]?.method).toEqual({ name });
});

it('says to which channel a method belongs', () => {
  expect(createFrameReader()(publish)[0]?.channel).toBe(1);
});

it('finds the same frames however the bytes are cut, behind the protocol header', () => {
  const bytes = Buffer.concat([Buffer.from('AMQP\0\0\x09\x01'), publish, methodFrame(60, 80)]);
  for (let size = 1; size <= bytes.length; size++) {
    const read = createFrameReader();
    const frames = [];
    for (let at = 0; at < bytes.length; at += size)
      frames.push(...read(bytes.subarray(at, at + size)));
    expect(frames.map(({ method }) => method.name)).toEqual(['other', 'publish', 'ack']);
    expect(Buffer.concat(frames.map((frame) => frame.bytes)).equals(bytes)).toBe(true);
  }
});
