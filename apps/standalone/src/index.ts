/** The whole system in one process, for other programs to start. */
export { readStandaloneConfig, type StandaloneConfig } from './config';
export { startStandalone, type RunningStandalone, type StandaloneOptions } from './service';
