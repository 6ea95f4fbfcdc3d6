import type { Logger } from '@mosaicme/service';
import { Gathering } from './gathering';

/** One line of a log. */
export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly fields: object;
  readonly message: string;
}

/** A logger whose lines a test can wait for and look at. */
export function recordingLogger(): { readonly logger: Logger; readonly lines: Gathering<LogLine> } {
  const lines = new Gathering<LogLine>();
  const withBindings = (bindings: object): Logger => {
    const at = (level: LogLine['level']) => (fields: object, message: string) =>
      lines.add({ level, fields: { ...bindings, ...fields }, message });
    return {
      debug: at('debug'),
      info: at('info'),
      warn: at('warn'),
      error: at('error'),
      child: (more) => withBindings({ ...bindings, ...more }),
    };
  };
  return { logger: withBindings({}), lines };
}
