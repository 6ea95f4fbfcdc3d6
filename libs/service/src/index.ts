/** What every app is made of: start and stop, health, logs. */
export * from './health';
export * from './health-command';
export * from './logger';
export * from './main';
export * from './program';
export * from './service';
export * from './stop';
export * from './version';
export * from './wait';
