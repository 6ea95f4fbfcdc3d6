import { TransientError } from '@mosaicme/errors';

/** Two rebuilds at once would undo each other. */
export const rebuildRunning = (): TransientError =>
  new TransientError(
    'catalogue.rebuild-running',
    'The catalogue is being rebuilt already. Wait until that is done.',
  );

/** The rebuild lost its place, because the content was lost or the rebuild stood still for too long. */
export const rebuildLost = (): TransientError =>
  new TransientError(
    'catalogue.rebuild-lost',
    'The catalogue lost its content, or another rebuild took over, during this rebuild. Start it again.',
  );
