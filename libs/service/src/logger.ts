import pino from 'pino';
import { currentCorrelation } from './correlation';

/** What the libraries need of a logger; pino's loggers fit. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  child(bindings: object): Logger;
}

export interface LoggerOptions {
  /** Left out where each service of a program names itself. */
  readonly app?: string;
  readonly instance?: string;
  readonly version: string;
  readonly level: string;
  /** Where the lines go; standard output unless given. */
  readonly destination?: { write(line: string): void };
}

/**
 * A logger that writes one JSON object a line, errors with their code, cause and stack, and with the id
 * of the request that the work is about (`withCorrelation`).
 */
export function createLogger(options: LoggerOptions): Logger {
  const { app, instance, version, level, destination } = options;
  return pino(
    {
      level,
      base: { ...(app && { app }), ...(instance && { instance }), version },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      mixin: (fields, _level, logger) => correlationFields(fields, () => logger.bindings()),
      serializers: { error: pino.stdSerializers.errWithCause },
      redact: ['*.password', '*.secretKey', '*.accessSecret', '*.consumerSecret'],
    },
    destination ?? pino.destination({ sync: true }),
  );
}

/** JSON with the same key twice reads differently everywhere, so a line that names its id keeps it. */
function correlationFields(fields: object, bindings: () => object): object {
  const correlationId = currentCorrelation();
  if (correlationId === undefined) return {};
  const isNamed = 'correlationId' in fields || 'correlationId' in bindings();
  return isNamed ? {} : { correlationId };
}

/** A logger that says nothing, for tests and for the command line. */
export const silentLogger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silentLogger,
};
