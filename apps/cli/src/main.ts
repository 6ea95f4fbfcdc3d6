#!/usr/bin/env node
import { createDecoderPool } from '@mosaicme/imaging';
import { join } from 'node:path';
import { runProgram } from './program';

const program = join(import.meta.dirname, 'decoder.js');
process.exitCode = await runProgram(process.argv.slice(2), () => createDecoderPool({ program }));
