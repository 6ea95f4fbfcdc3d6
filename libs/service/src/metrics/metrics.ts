import type { LabelsOf, NameOf } from './definitions';

/** What the libraries record; the names and labels are those of `metricDefinitions`. */
export interface Metrics {
  count<Name extends NameOf<'counter'>>(name: Name, labels: LabelsOf<Name>, by?: number): void;

  /** @param seconds What took so long. */
  observe<Name extends NameOf<'histogram'>>(
    name: Name,
    labels: LabelsOf<Name>,
    seconds: number,
  ): void;

  /**
   * Shows a value that is read whenever the page is asked for; undefined or a failure leaves it out.
   * Several for one metric with the same labels are added up.
   *
   * @returns Ends it.
   */
  gauge<Name extends NameOf<'gauge'>>(
    name: Name,
    labels: LabelsOf<Name>,
    read: () => number | undefined,
  ): () => void;
}

/** Records nothing: for tests, and for programs without a page of metrics. */
export const noMetrics: Metrics = {
  count() {},
  observe() {},
  gauge: () => () => {},
};
