import { withCorrelation } from './correlation';
import { createLogger } from './logger';

function recording() {
  const lines: string[] = [];
  const logger = createLogger({
    version: '1',
    level: 'info',
    destination: { write: (line) => void lines.push(line) },
  });
  return { logger, lines };
}

it('puts the id of the request on every line that is written while it is worked on', async () => {
  const { logger, lines } = recording();
  logger.info({}, 'before');
  await withCorrelation('request-1', async () => {
    await Promise.resolve();
    logger.child({ part: 'library' }).info({}, 'inside');
  });
  logger.info({}, 'after');

  const ids = lines.map((line) => (JSON.parse(line) as { correlationId?: string }).correlationId);
  expect(ids).toEqual([undefined, 'request-1', undefined]);
});

it('keeps the work of several requests apart', async () => {
  const { logger, lines } = recording();
  await Promise.all(
    ['a', 'b'].map((id) =>
      withCorrelation(id, async () => {
        await Promise.resolve();
        logger.info({}, id);
      }),
    ),
  );
  expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
    { msg: 'a', correlationId: 'a' },
    { msg: 'b', correlationId: 'b' },
  ]);
});

it('names the id once on a line that brings its own', () => {
  const { logger, lines } = recording();
  withCorrelation('outer', () => {
    logger.child({ correlationId: 'inner' }).info({}, 'by its logger');
    logger.info({ correlationId: 'inner' }, 'by its fields');
  });
  for (const line of lines) {
    expect(line.match(/"correlationId"/g)).toHaveLength(1);
    expect(line).toContain('"correlationId":"inner"');
  }
});
