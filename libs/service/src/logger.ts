import pino from 'pino';

/** What the libraries need of a logger; pino's loggers fit. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  child(bindings: object): Logger;
}

export interface LoggerOptions {
  readonly app: string;
  readonly instance: string;
  readonly version: string;
  readonly level: string;
  /** Where the lines go; standard output unless given. */
  readonly destination?: { write(line: string): void };
}

/** A logger that writes one JSON object a line, errors with their code, cause and stack. */
export function createLogger(options: LoggerOptions): Logger {
  const { app, instance, version, level, destination } = options;
  return pino(
    {
      level,
      base: { app, instance, version },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: pino.stdSerializers.errWithCause },
      redact: ['*.password', '*.secretKey', '*.accessSecret', '*.consumerSecret'],
    },
    destination ?? pino.destination({ sync: true }),
  );
}

/** A logger that says nothing, for tests and for the command line. */
export const silentLogger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silentLogger,
};
