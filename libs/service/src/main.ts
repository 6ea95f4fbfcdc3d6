import { messageOf } from '@mosaicme/errors';
import type { RunningService } from './service';

/** Exit code for a wrong configuration (EX_CONFIG of sysexits.h). */
const exitConfiguration = 78;

/**
 * The frame of every `main.ts`: starts a service, stops it on SIGTERM or SIGINT, and ends the process
 * with 0 after an orderly stop. A second signal ends it at once.
 *
 * `start` reads the configuration and starts the service. When it throws, the process ends: with 78
 * and nothing but the message for a wrong configuration, otherwise with 1.
 */
export async function runMain(
  start: () => Promise<RunningService>,
  options: { readonly shutdownSeconds?: number } = {},
): Promise<void> {
  let service: RunningService;
  try {
    service = await start();
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exitCode =
      error instanceof Error && error.name === 'ConfigError' ? exitConfiguration : 1;
    return;
  }

  const stop = (exitCode: number) => {
    process.exitCode = exitCode;
    process.removeListener('SIGTERM', onSignal).removeListener('SIGINT', onSignal);
    const timeout = setTimeout(
      () => {
        process.stderr.write(
          'Work in progress did not finish in time; it will be delivered again.\n',
        );
        process.exit(1);
      },
      (options.shutdownSeconds ?? 25) * 1_000,
    );
    void service.close().finally(() => clearTimeout(timeout));
  };
  const onSignal = () => stop(0);
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal);

  void service.failed.then((reason) => {
    if (process.exitCode !== undefined) return;
    process.stderr.write(`${service.app} cannot work: ${messageOf(reason)}\n`);
    stop(1);
  });
}
