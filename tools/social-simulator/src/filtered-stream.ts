import type { ServerResponse } from 'node:http';
import type { Bill } from './bill';
import type { FaultPlan } from './faults';
import { noRules, tooManyConnections } from './problems';
import { parseQuery, type Query } from './query';
import { represent, type Wanted } from './representation';
import type { Timeline, TimelinePost } from './timeline';

export interface StreamRule {
  readonly id: string;
  readonly value: string;
  readonly tag?: string;
}

export interface FilteredStream {
  rules(): StreamRule[];
  /** @returns the rule, or undefined for a query that is there already. @throws RangeError */
  addRule(rule: { value: string; tag?: string }, dryRun: boolean): StreamRule | undefined;
  removeRule(id: string): boolean;
  /** @throws Problem when the connection is not allowed. */
  connect(response: ServerResponse, wanted: Wanted, headers: Record<string, string>): void;
  connections(): number;
  drop(): void;
  inject(line: string): void;
  mute(): void;
  repeat(id: string): void;
}

/** A client that reads nothing is cut off at so many bytes. */
const maxUnsentBytes = 4 * 1024 * 1024;

export function createFilteredStream(options: {
  readonly timeline: Timeline;
  readonly publicUrl: () => string;
  readonly keepAliveMs: number;
  readonly maxConnections: number;
  /** Milliseconds for which a connection that was cut still counts, as on X. */
  readonly ghostMs: number;
  readonly bill: Bill;
  readonly faults: () => FaultPlan;
}): FilteredStream {
  const { timeline, keepAliveMs, maxConnections, faults } = options;
  const rules = new Map<string, StreamRule & { query: Query }>();
  const connections = new Map<ServerResponse, Wanted>();

  const muted = new WeakSet<ServerResponse>();
  const send = (response: ServerResponse, line: string) => {
    if (muted.has(response)) return;
    const bytes = Buffer.from(`${line}\r\n`);
    if (faults().split) for (const byte of bytes) response.write(Buffer.from([byte]));
    else response.write(bytes);
    if (response.writableLength > maxUnsentBytes) response.destroy();
  };

  const ghosts = new Set<object>();

  const deliver = (post: TimelinePost) => {
    // As on X: a rule matches a post also by what stands in the post that it quotes.
    const quoted = timeline.get(post.quotes ?? '');
    const matching = [...rules.values()].filter(
      ({ query }) => query(post) || (quoted !== undefined && query(quoted)),
    );
    if (matching.length === 0) return;
    const matchingRules = matching.map(({ id, tag = '' }) => ({ id, tag }));
    for (const [response, wanted] of connections) {
      options.bill.read(1);
      const { data, includes } = represent([post], wanted, timeline, options.publicUrl());
      send(response, JSON.stringify({ data: data[0], includes, matching_rules: matchingRules }));
    }
  };
  timeline.listen({ posted: deliver });

  return {
    rules: () => [...rules.values()].map(({ query: _query, ...rule }) => rule),
    addRule({ value, tag }, dryRun) {
      const query = parseQuery(value);
      if ([...rules.values()].some((rule) => rule.value === value)) return undefined;
      const rule = { id: timeline.nextId(), value, ...(tag !== undefined && { tag }) };
      if (!dryRun) rules.set(rule.id, { ...rule, query });
      return rule;
    },
    removeRule: (id) => rules.delete(id),
    connect(response, wanted, headers) {
      if (connections.size + ghosts.size >= maxConnections) throw tooManyConnections();
      if (rules.size === 0) throw noRules();
      response.writeHead(200, { ...headers, 'content-type': 'application/json; charset=utf-8' });
      response.flushHeaders();
      connections.set(response, wanted);
      const keepAlive = setInterval(() => {
        if (!faults().silent && !muted.has(response)) response.write('\r\n');
      }, keepAliveMs);
      response.on('close', () => {
        clearInterval(keepAlive);
        connections.delete(response);
        if (options.ghostMs > 0) {
          const ghost = {};
          ghosts.add(ghost);
          setTimeout(() => ghosts.delete(ghost), options.ghostMs).unref();
        }
      });
    },
    connections: () => connections.size,
    mute() {
      for (const response of connections.keys()) muted.add(response);
    },
    repeat(id) {
      const post = timeline.get(id);
      if (post) deliver(post);
    },
    inject(line) {
      for (const response of connections.keys()) send(response, line);
    },
    drop() {
      for (const response of connections.keys()) response.destroy();
    },
  };
}
