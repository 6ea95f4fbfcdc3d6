import { parseArgs } from 'node:util';

export interface DemoOptions {
  /** End when every request is published and answered. */
  readonly once: boolean;
  /** Print one JSON object at the end. */
  readonly json: boolean;
  /** Port of the gallery. */
  readonly port: number;
  /** Port of the simulated network's page. */
  readonly simulatorPort: number;
  /** Seconds after which a run with `once` gives up. */
  readonly timeoutSeconds: number;
}

export const usage = `usage: npm run demo -- [options]
  --once               end when every request is published and answered
  --json               print one JSON object as the last line
  --port N             port of the gallery (8000; the next free one if it is taken)
  --simulator-port N   port of the simulated network (8081; the next free one if it is taken)
  --timeout SECONDS    give up after this time with --once (170)`;

/** Reads the command line. @throws Error that says what is wrong. */
export function readDemoOptions(parameters: readonly string[]): DemoOptions {
  const { values } = parseArgs({
    args: [...parameters],
    options: {
      once: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      port: { type: 'string', default: '8000' },
      'simulator-port': { type: 'string', default: '8081' },
      timeout: { type: 'string', default: '170' },
    },
  });
  return {
    once: values.once,
    json: values.json,
    port: whole('--port', values.port, 65_535),
    simulatorPort: whole('--simulator-port', values['simulator-port'], 65_535),
    timeoutSeconds: whole('--timeout', values.timeout, 86_400),
  };
}

function whole(name: string, text: string, max: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= max) return value;
  throw new Error(`${name} is '${text}'; expected a whole number, 0 to ${max}.`);
}
