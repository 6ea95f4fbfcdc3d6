// The program of a decoder process; tools/build bundles it beside the programs that start it.
import { serveDecoder } from './serve-decoder';

serveDecoder();
