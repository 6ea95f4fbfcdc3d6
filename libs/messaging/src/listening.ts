import { parseEvent, type EventOf, type EventType, type MosaicmeEvent } from '@mosaicme/contracts';
import type { Logger } from '@mosaicme/service';

/**
 * Makes of a listener something that takes bytes. It never throws: an event that breaks its contract
 * and a listener that fails are logged and nothing else.
 */
export function hear<Type extends EventType>(
  types: readonly Type[],
  listener: (event: EventOf<Type>) => void,
  logger: Logger,
): (content: Uint8Array) => void {
  const isMine = (event: MosaicmeEvent): event is EventOf<Type> =>
    types.some((type) => type === event.type);
  return (content) => {
    try {
      const event = parseEvent(content);
      if (isMine(event)) listener(event);
    } catch (error) {
      logger.error({ error, types }, 'A listener failed on an event.');
    }
  };
}
