import { PermanentError } from '@mosaicme/errors';
import { AccountFault } from './port';

/** Must an operator act, so that trying again by itself is no use? */
export const needsOperator = (error: unknown): boolean =>
  error instanceof PermanentError || error instanceof AccountFault;
