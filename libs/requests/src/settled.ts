import { standingOf } from './decisions';
import { readDecisions, type DecisionPorts } from './log';

/**
 * Is there nothing left to draw for a request: is it published, or was it rejected or withdrawn? For
 * handlers that find the object of their work gone.
 */
export async function isSettled(ports: DecisionPorts, id: string): Promise<boolean> {
  if (await ports.store.head(ports.keys.mosaicRecord(id))) return true;
  const standing = standingOf(await readDecisions(ports, id));
  return standing === 'withdrawn' || standing === 'rejected';
}
