/** The way events travel: the port, RabbitMQ, and a broker inside the process. */
export { type Letter, type MessagingAdmin, type QueueState, type Select } from './admin';
export * from './declarations';
export { createMemoryBroker, type MemoryBroker, type MemoryBrokerOptions } from './memory/broker';
export * from './port';
export {
  headerNames,
  readDeadMessage,
  type DeadMessage,
  type Failure,
  type Headers,
} from './trail';
export { connectRabbit, type RabbitOptions } from './rabbit/connect';
export { connectRabbitAdmin, type RabbitAdminOptions } from './rabbit/admin';
