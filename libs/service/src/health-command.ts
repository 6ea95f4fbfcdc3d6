import { TransientError } from '@mosaicme/errors';
import { get } from 'node:http';
import type { ServiceSettings } from './service';

/** Shorter than the patience of container engines, so that they hear the reason. */
const patienceMs = 4_000;

const everyAddress: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

/**
 * Asks the health page of an app on this machine.
 *
 * @returns what the page says.
 * @throws TransientError `health.unwell` with what the page says, or why it does not answer.
 */
export function askHealth(
  { healthHost, healthPort }: Pick<ServiceSettings, 'healthHost' | 'healthPort'>,
  path: '/healthz' | '/readyz',
): Promise<string> {
  const host = everyAddress[healthHost] ?? healthHost;
  return new Promise((resolve, reject) => {
    const unwell = (why: string) => reject(new TransientError('health.unwell', why));
    // node:http starts in half the time of fetch.
    const request = get({ host, port: healthPort, path, timeout: patienceMs }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      response.on('end', () => (response.statusCode === 200 ? resolve(text) : unwell(text.trim())));
      response.on('error', (error) => unwell(error.message));
    });
    request.on('timeout', () => request.destroy(new Error(`no answer within ${patienceMs} ms`)));
    request.on('error', ({ message }) =>
      unwell(`${message} (asked http://${host}:${healthPort}${path}; HEALTH_PORT names the port)`),
    );
  });
}
