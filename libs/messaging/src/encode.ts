import { parseEvent, serializeEvent, type MosaicmeEvent } from '@mosaicme/contracts';

/**
 * The bytes of an event, checked as its receivers will check them: a broken contract shows in the app
 * that breaks it.
 *
 * @throws ContractViolation
 */
export function encodeChecked(event: MosaicmeEvent): Uint8Array {
  const content = serializeEvent(event);
  parseEvent(content);
  return content;
}
