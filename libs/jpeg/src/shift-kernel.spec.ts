import { requireWebAssembly } from '@mosaicme/wasm';
import { kernelModule } from './shift-kernel';

it('is a module that WebAssembly accepts', () => {
  expect(requireWebAssembly().validate(kernelModule())).toBe(true);
});
