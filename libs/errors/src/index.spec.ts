import { codeOf, isPermanent, messageOf, PermanentError, TransientError } from './index';

describe('isPermanent', () => {
  it.each([
    ['a permanent error', new PermanentError('image.truncated', 'cut short'), true],
    ['a transient error', new TransientError('x.rate-limit', 'slow down'), false],
    ['an error of unknown kind', new Error('boom'), false],
    ['something that is no error', 'boom', false],
  ])('answers for %s', (_name, error, expected) => {
    expect(isPermanent(error)).toBe(expected);
  });
});

it('names the code of its own errors and calls others unknown', () => {
  expect(codeOf(new PermanentError('a.b', 'm'))).toBe('a.b');
  expect(codeOf(new Error('m'))).toBe('unknown');
});

it('finds a message in whatever was thrown', () => {
  expect(messageOf(new Error('m'))).toBe('m');
  expect(messageOf(42)).toBe('42');
});
