/** Real servers for tests: RabbitMQ, an S3 (Ceph's radosgw) and Redis, as private child processes. */
export { requireTestServer, type ServerKind } from './kinds';
export type { TestServer } from './server';
export { startTestServers, type TestServers, type TestServersOptions } from './test-servers';
export { appVariables } from './variables';
export { cephConfig } from './radosgw';
export { ensureBrowser, findBrowser } from './browser';
export { freePorts } from './ports';
