/** A pipeline of real processes on real servers, and what can be done to it. */
export { startPipeline, eventually, workers, type Pipeline, type Worker } from './pipeline';
export { keepRunning } from './app-process';
export { madeUpPhoto } from './made-up-photo';
export { wavePicture } from './pictures';
export { flush } from './scenarios';
