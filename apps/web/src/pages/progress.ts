import { html, type Html } from '../html/html';
import type { WaitingStage } from '../mosaics/lookup';

/** The steps that a guest sees, in their order, and the stage at which each is done. */
const steps = [
  ['received', 'The photo has arrived'],
  ['prepared', 'The photo was opened and checked'],
  ['rendered', 'The mosaic is put together'],
  ['review', 'Somebody has a look at it'],
] as const satisfies readonly (readonly [WaitingStage, string])[];

const explanations: Readonly<Record<WaitingStage, string>> = {
  received: 'Your photo has arrived and waits for its turn.',
  prepared: 'Your photo is being rebuilt out of thousands of small ones.',
  rendered: 'Your mosaic is finished and is about to appear.',
  review: 'Your mosaic is finished. It appears as soon as somebody of the event has looked at it.',
};

/** How far a request has come. Rendered by the server, and by the browser when it moves on. */
export function progress(stage: WaitingStage): Html {
  const reached = steps.findIndex(([step]) => step === stage);
  const shown = stage === 'review' ? steps : steps.slice(0, -1);
  return html`<div data-progress-of="${stage}">
    <p role="status" aria-live="polite" data-announce>${explanations[stage]}</p>
    <ol class="steps">
      ${shown.map(
        ([step, text], index) =>
          html`<li
            class="${index <= reached ? 'done' : 'open'}"
            ${step === stage && html`aria-current="step"`}
          >
            ${text}
          </li>`,
      )}
    </ol>
  </div>`;
}
