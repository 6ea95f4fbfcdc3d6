/** One connection for all live events of a page; opened when the first listener comes. */
let source: EventSource | undefined;

/** Calls `listener` with the data of each event of this name. The browser reconnects by itself. */
export function onLive<Data>(name: string, listener: (data: Data) => void): void {
  source ??= new EventSource('/api/events');
  source.addEventListener(name, (event: MessageEvent<string>) => {
    listener(JSON.parse(event.data) as Data);
  });
}
