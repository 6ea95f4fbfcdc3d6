import type { WorkQueue } from '@mosaicme/contracts';
import type { Logger } from '@mosaicme/service';
import { checkPrefetch } from '../checks';
import { handle, type Verdict } from '../handling';
import type { Consumer, ConsumeOptions, Handler } from '../port';
import type { Headers } from '../trail';

/** A message as it is put into a queue. */
export interface StoredMessage {
  readonly content: Uint8Array;
  readonly headers: Headers | undefined;
}

interface QueuedMessage extends StoredMessage {
  /** How often it was taken back from a consumer that did not answer. */
  readonly deliveryCount: number;
}

interface Worker {
  readonly options: ConsumeOptions;
  readonly handler: Handler;
  readonly inFlight: Map<QueuedMessage, Promise<void>>;
  taking: boolean;
}

/** A work queue with its retry queues and its dead-letter queue. */
export class MemoryQueue {
  readonly dead: StoredMessage[] = [];
  private readonly messages: QueuedMessage[] = [];
  private readonly workers: Worker[] = [];
  /** The pause of each, in milliseconds. */
  private readonly waiting = new Map<NodeJS.Timeout, number>();

  constructor(
    readonly layout: WorkQueue,
    private readonly logger: Logger,
  ) {}

  get ready(): number {
    return this.messages.length;
  }

  get unacked(): number {
    return this.workers.reduce((sum, { inFlight }) => sum + inFlight.size, 0);
  }

  get consumers(): number {
    return this.workers.length;
  }

  /** The content of the first message, if there is one. */
  get first(): Uint8Array | undefined {
    return this.messages[0]?.content;
  }

  /** Messages in the retry queue of this pause. */
  retrying(pauseMs: number): number {
    return [...this.waiting.values()].filter((pause) => pause === pauseMs).length;
  }

  put(message: StoredMessage): void {
    this.messages.push({ ...message, deliveryCount: 0 });
    this.deliverSoon();
  }

  consume(options: ConsumeOptions, handler: Handler): Consumer & { crash(): void } {
    checkPrefetch(options.prefetch);
    const worker: Worker = { options, handler, inFlight: new Map(), taking: true };
    this.workers.push(worker);
    this.deliverSoon();
    return {
      close: async () => {
        this.dismiss(worker);
        await Promise.all(worker.inFlight.values());
      },
      crash: () => {
        this.dismiss(worker);
        this.takeBack([...worker.inFlight.keys()]);
        worker.inFlight.clear();
      },
    };
  }

  clear(): void {
    for (const timer of this.waiting.keys()) clearTimeout(timer);
    this.waiting.clear();
    this.messages.length = 0;
    this.dead.length = 0;
  }

  /** A handler never runs inside the call that made its message: on a real broker it cannot either. */
  private deliverSoon(): void {
    setImmediate(() => {
      for (let worker = this.nextWorker(); worker; worker = this.nextWorker()) {
        const message = this.messages.shift();
        if (!message) return;
        worker.inFlight.set(message, this.work(worker, message));
      }
    });
  }

  /** The consumer whose turn it is, if a message waits: those with a free place take turns. */
  private nextWorker(): Worker | undefined {
    if (this.messages.length === 0) return undefined;
    const index = this.workers.findIndex(
      ({ taking, inFlight, options }) => taking && inFlight.size < options.prefetch,
    );
    const [worker] = index < 0 ? [] : this.workers.splice(index, 1);
    if (worker) this.workers.push(worker);
    return worker;
  }

  private async work(worker: Worker, message: QueuedMessage): Promise<void> {
    const { content, headers, deliveryCount } = message;
    const verdict = await handle(
      { content, headers, deliveryCount, redelivered: deliveryCount > 0 },
      { ...worker, ...worker.options, queue: this.layout, logger: this.logger },
    );
    // After a crash the message is someone else's.
    if (!worker.inFlight.delete(message)) return;
    this.carryOut(verdict, content);
    this.deliverSoon();
  }

  private carryOut(verdict: Verdict, content: Uint8Array): void {
    switch (verdict.kind) {
      case 'ack':
        return;
      case 'dead':
        this.dead.push({ content, headers: verdict.headers });
        return;
      case 'retry': {
        const timer = setTimeout(() => {
          this.waiting.delete(timer);
          this.put({ content, headers: verdict.headers });
        }, verdict.pauseMs);
        this.waiting.set(timer, verdict.pauseMs);
      }
    }
  }

  private dismiss(worker: Worker): void {
    worker.taking = false;
    const index = this.workers.indexOf(worker);
    if (index >= 0) this.workers.splice(index, 1);
  }

  /** Like the real broker: back to the front, and to the dead letters beyond the delivery limit. */
  private takeBack(messages: readonly QueuedMessage[]): void {
    const counted = messages.map((message) => ({
      ...message,
      deliveryCount: message.deliveryCount + 1,
    }));
    const isOver = ({ deliveryCount }: QueuedMessage) => deliveryCount > this.layout.deliveryLimit;
    this.dead.push(...counted.filter(isOver));
    this.messages.unshift(...counted.filter((message) => !isOver(message)));
    this.deliverSoon();
  }
}
