import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ContractViolation, parseEvent, serializeEvent } from './envelope';
import { eventTypes } from './events';

/** The fixtures are append-only: what was valid once stays valid within its version. */
const folder = join(__dirname, '../fixtures');
const read = (kind: 'valid' | 'invalid') =>
  readdirSync(join(folder, kind)).map(
    (file) => [file, JSON.parse(readFileSync(join(folder, kind, file), 'utf8'))] as const,
  );
const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

it.each(read('valid'))('accepts %s and loses nothing of it', (_file, event) => {
  expect(JSON.parse(new TextDecoder().decode(serializeEvent(parseEvent(encode(event)))))).toEqual(
    event,
  );
});

it.each(read('invalid'))('refuses %s and says why', (_file, { expected, event }) => {
  expect(() => parseEvent(encode(event))).toThrow(ContractViolation);
  expect(() => parseEvent(encode(event))).toThrow(expected);
});

it('has a valid fixture for every type of event', () => {
  const covered = new Set(read('valid').map(([, event]) => event.type));
  expect(eventTypes.filter((type) => !covered.has(type))).toEqual([]);
});
