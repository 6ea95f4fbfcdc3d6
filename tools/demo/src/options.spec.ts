import { readDemoOptions } from './options';

it('serves the gallery on port 8000 and keeps on unless told otherwise', () => {
  expect(readDemoOptions([])).toMatchObject({ once: false, json: false, port: 8000 });
});

it('reads --once --json', () => {
  expect(readDemoOptions(['--once', '--json'])).toMatchObject({ once: true, json: true });
});

it.each([
  [['--port', 'many'], /--port is 'many'/],
  [['--twice'], /--twice/],
])('refuses %j', (parameters, message) => {
  expect(() => readDemoOptions(parameters)).toThrow(message);
});
